/** Stack traces, Node's own modules, and places on this machine. */
const INSIDES =
  /\n\s+at |\\n\s+at |\bnode:internal|\.[cm]?[jt]s:\d+|\/(work|tmp|home|root|usr)\/\w/;

/** What a text tells of the server's insides; undefined: nothing. */
export function insidesIn(text: string): string | undefined {
  return INSIDES.exec(text)?.[0];
}
