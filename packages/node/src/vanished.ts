/** What vanishes while it is looked at is not there; every other failure is one. For `catch`. */
export function absent(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== "ENOENT" && cause.code !== "ENOTDIR") throw cause;
}
