const PATTERN = /^\.zenode-(\d+)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-.{1,2})?$/;

/** For what is being written: it gets its own name when it is whole. Never part of a project. */
export function temporaryName(): string {
  return `.zenode-${process.pid}-${crypto.randomUUID()}`;
}

export function isTemporaryName(name: string): boolean {
  return PATTERN.test(name);
}

/** Whether who began to write it is gone, so that nobody will finish it. */
export function isAbandoned(name: string): boolean {
  const pid = Number(PATTERN.exec(name)?.[1]);
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "ESRCH";
  }
}
