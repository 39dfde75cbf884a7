/** An attribute in DynamoDB's JSON: one member, named by its type. */
export type AttributeValue = Readonly<Record<string, unknown>>;

/**
 * Size of an item in bytes ("DynamoDB item sizes and formats", developer guide): names and strings in UTF-8,
 * numbers one byte per two significant digits and one more, lists and maps 3 bytes and one per element.
 */
export function itemBytes(item: Readonly<Record<string, AttributeValue>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item))
    bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

function valueBytes(value: AttributeValue): number {
  const [[type, content] = ["", undefined]] = Object.entries(value);
  switch (type) {
    case "S":
      return Buffer.byteLength(String(content));
    case "N":
      return numberBytes(String(content));
    case "B":
      return Buffer.from(String(content), "base64").length;
    case "SS":
    case "NS":
    case "BS":
      return sum((content as string[]).map((member) => valueBytes({ [type.charAt(0)]: member })));
    case "L":
      return 3 + sum((content as AttributeValue[]).map((member) => 1 + valueBytes(member)));
    case "M": {
      const members = content as Record<string, AttributeValue>;
      return 3 + Object.keys(members).length + itemBytes(members);
    }
    default:
      return 1;
  }
}

function numberBytes(text: string): number {
  const digits = text.replace(/[eE].*$/, "").replace(/[^0-9]/g, "");
  const significant = digits.replace(/^0+/, "").replace(/0+$/, "").length;
  return Math.ceil(significant / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
