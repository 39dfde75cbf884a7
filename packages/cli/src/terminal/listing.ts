const MOST_LINES = 50;

/** Lines for a list of paths, not endlessly many. */
export function listing(paths: readonly string[], mark: string): string[] {
  const lines = paths.slice(0, MOST_LINES).map((path) => `${mark} ${path}`);
  if (paths.length > MOST_LINES) lines.push(`  … and ${paths.length - MOST_LINES} more`);
  return lines;
}

/** `a, b and 3 more`. */
export function someOf(paths: readonly string[], most = 3): string {
  const shown = paths.slice(0, most).join(", ");
  return paths.length > most ? `${shown} and ${paths.length - most} more` : shown;
}

/** `1 file`, `2 files`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
