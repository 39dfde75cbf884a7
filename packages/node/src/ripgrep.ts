/** Absolute path of the ripgrep binary for this platform. @throws Error where none was installed. */
export async function findRipgrep(): Promise<string> {
  // Importing it looks the binary up; a process that never searches should not have to.
  const { rgPath } = await import("@vscode/ripgrep");
  return rgPath;
}
