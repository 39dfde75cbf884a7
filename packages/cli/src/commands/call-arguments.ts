import { CliError } from "../terminal/cli-error.ts";

/** The part of a JSON Schema that says how a command-line text becomes a value. */
export interface ArgumentSchema {
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

type Values = Record<string, unknown>;

/**
 * `--max_results 5 --ignore_case --path src` as the arguments of a tool, typed by its input schema.
 * A repeated name makes a list. @throws CliError that names what the tool takes.
 */
export function parseCallArguments(words: readonly string[], schema: ArgumentSchema): Values {
  const properties = schema.properties ?? {};
  const values: Values = {};
  for (const { name, text } of toPairs(words)) {
    const type = typeOf(properties[name]);
    if (type === undefined) throw new CliError(`The tool takes no --${name}. ${known(properties)}`);
    add(values, name, toValue(name, type, text));
  }
  return values;
}

function known(properties: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(properties).map((name) => `--${name}`);
  return names.length === 0 ? "It takes no arguments." : `It takes: ${names.join(" ")}`;
}

interface Pair {
  readonly name: string;
  /** Absent: the name stands alone, as a switch. */
  readonly text: string | undefined;
}

/** `--name value`, `--name=value` and `--name`. */
function toPairs(words: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (!word.startsWith("--")) {
      throw new CliError(`${word} stands alone; arguments are written --name value.`);
    }
    const equals = word.indexOf("=");
    const next = words[at + 1];
    if (equals > 0) pairs.push({ name: word.slice(2, equals), text: word.slice(equals + 1) });
    else if (next === undefined || next.startsWith("--"))
      pairs.push({ name: word.slice(2), text: undefined });
    else {
      pairs.push({ name: word.slice(2), text: next });
      at += 1;
    }
  }
  return pairs;
}

function typeOf(property: unknown): string | undefined {
  if (typeof property !== "object" || property === null) return undefined;
  const { type } = property as { type?: unknown };
  return typeof type === "string" ? type : "json";
}

function add(values: Values, name: string, value: unknown): void {
  const before = values[name];
  if (before === undefined) values[name] = value;
  else
    values[name] = [
      ...(Array.isArray(before) ? before : [before]),
      ...(Array.isArray(value) ? value : [value]),
    ];
}

function toValue(name: string, type: string, text: string | undefined): unknown {
  if (text === undefined) {
    if (type === "boolean") return true;
    throw new CliError(`--${name} needs a value.`);
  }
  switch (type) {
    case "string":
      return text;
    case "boolean":
      return text === "true";
    case "integer":
    case "number":
      if (text.trim() === "" || Number.isNaN(Number(text)))
        throw new CliError(`--${name} needs a number, not ${text}.`);
      return Number(text);
    case "array":
      return text.startsWith("[") ? parseJson(name, text) : [text];
    default:
      return parseJson(name, text);
  }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(`--${name} needs JSON.`, { cause });
  }
}
