/** Set -> scenario -> why it does not pass. */
export type ExpectedFailures = ReadonlyMap<string, ReadonlyMap<string, string>>;

const LINE = /^(?<indent> {2})?(?<key>[^\s:]+):(?: +(?<value>.+))?$/;

/**
 * Reads the list: YAML of two levels, `set:` and below it `  scenario: reason`.
 * @throws Error for a line of any other form, naming it.
 */
export function parseExpectedFailures(text: string): ExpectedFailures {
  const sets = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const { indent, key, value } = LINE.exec(line)?.groups ?? {};
    if (key !== undefined && indent === undefined && value === undefined) {
      current = new Map();
      sets.set(key, current);
    } else if (key !== undefined && indent !== undefined && value !== undefined && current) {
      current.set(key, value);
    } else {
      throw new Error(`expected-failures.yaml, line ${index + 1}: ${line}`);
    }
  }
  return sets;
}
