const MAX_CHARACTERS = 253;
/** Letters, digits and hyphens in at least two labels, the last of which is no number: an address, however it is spelt, is nobody's name. */
const LABELS =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a host, as a parsed URL has it, is a name that can be a site's: no address, no single label, no dot at the end. */
export function isHostName(host: string): boolean {
  return host.length <= MAX_CHARACTERS && LABELS.test(host);
}
