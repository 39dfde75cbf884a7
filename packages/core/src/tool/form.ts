import type { Json, JsonObject } from "../lib/json.ts";
import type { FormSchema } from "./input-request.ts";

/**
 * What is wrong with the content of a filled form; undefined: nothing. Types, choices and bounds, as MCP's forms
 * have them (specification 2026-07-28, client/elicitation); formats are the tool's to check with its own schema.
 */
export function mistakeInForm(schema: FormSchema, content: Json | undefined): string | undefined {
  if (!isObject(content)) return "content: an object is needed";
  const missing = schema.required?.find((name) => content[name] === undefined);
  if (missing !== undefined) return `content.${missing}: is required`;
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = content[name];
    if (value !== undefined && !fits(property, value)) {
      return `content.${name}: does not fit its schema`;
    }
  }
  return undefined;
}

function fits(property: JsonObject, value: Json): boolean {
  switch (property.type) {
    case "string":
      return (
        isChoice(property, value) && isBetween(property, "Length", Array.from(value as string))
      );
    case "integer":
      return Number.isInteger(value) && isBetween(property, "imum", value);
    case "number":
      return typeof value === "number" && isBetween(property, "imum", value);
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return (
        Array.isArray(value) && isBetween(property, "Items", value) && fitItems(property, value)
      );
    default:
      return true;
  }
}

function fitItems({ items }: JsonObject, values: readonly Json[]): boolean {
  return !isObject(items) || values.every((value) => isChoice(items, value));
}

/** `minLength` and `maxLength`, `minimum` and `maximum`, `minItems` and `maxItems`; a length is in characters. */
function isBetween(property: JsonObject, bound: string, value: Json): boolean {
  const size = Array.isArray(value) ? value.length : Number(value);
  const { [`min${bound}`]: least, [`max${bound}`]: most } = property;
  return !(typeof least === "number" && size < least) && !(typeof most === "number" && size > most);
}

function isChoice(property: JsonObject, value: Json): boolean {
  const choices = choicesOf(property);
  return typeof value === "string" && (!choices || choices.includes(value));
}

/** `enum`, or `oneOf`/`anyOf` with titles (SEP-1330). */
function choicesOf(property: JsonObject): readonly Json[] | undefined {
  if (Array.isArray(property.enum)) return property.enum;
  const titled = property.oneOf ?? property.anyOf;
  if (!Array.isArray(titled)) return undefined;
  return titled.map((choice) => (isObject(choice) ? (choice.const ?? null) : null));
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
