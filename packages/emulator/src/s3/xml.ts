import { S3Error } from "./s3-error.ts";

/** An element without attributes: S3's documents carry none that matter. */
export interface XmlElement {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

type XmlContent = string | number | boolean | undefined | readonly string[];

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
};

/** Control characters are written as references: S3 keys may hold them, XML 1.0 text may not. */
function escapeXml(text: string): string {
  return text.replace(
    /[<>&"\p{Cc}]/gu,
    (c) => ESCAPES[c] ?? `&#x${(c.codePointAt(0) ?? 0).toString(16)};`,
  );
}

/**
 * One element. Scalars are escaped, an array is nested XML as it is, undefined leaves the element out.
 */
export function element(name: string, content: XmlContent): string {
  if (content === undefined) return "";
  const inner = typeof content === "object" ? content.join("") : escapeXml(String(content));
  return `<${name}>${inner}</${name}>`;
}

/** A whole document with S3's name space on its root. */
export function xmlDocument(root: string, content: readonly string[]): string {
  const space = "http://s3.amazonaws.com/doc/2006-03-01/";
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${space}">${content.join("")}</${root}>`;
}

const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s<>/!?]+)([^<>]*?)(\/?)>|([^<]+)/y;
const ENTITIES: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|(\w+));/g, (whole, hex, dec, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const point = hex === undefined ? Number(dec) : Number.parseInt(hex, 16);
    if (point > 0x10ffff) throw new S3Error("MalformedXML");
    return String.fromCodePoint(point);
  });
}

/**
 * Reads a request document; name-space prefixes are dropped, declarations of entities are not known.
 * @throws S3Error MalformedXML
 */
export function parseXml(text: string): XmlElement {
  const root: XmlElement = { name: "", children: [], text: "" };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const token = TOKEN.exec(text);
    const top = open.at(-1);
    if (token === null || top === undefined) throw new S3Error("MalformedXML");
    const [, literal, closing, name, , selfClosing, characters] = token;
    if (name !== undefined)
      applyTag(open, name.replace(/^.*:/, ""), closing === "/", selfClosing === "/");
    else top.text += literal ?? unescapeXml(characters ?? "");
  }
  const [child] = root.children;
  if (open.length !== 1 || child === undefined) throw new S3Error("MalformedXML");
  return child;
}

function applyTag(open: XmlElement[], name: string, closes: boolean, selfCloses: boolean): void {
  if (closes) {
    if (open.length < 2 || open.pop()?.name !== name) throw new S3Error("MalformedXML");
    return;
  }
  const child: XmlElement = { name, children: [], text: "" };
  open.at(-1)?.children.push(child);
  if (!selfCloses) open.push(child);
}

export function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/** Text of the first child of that name, undefined without one. */
export function textOf(parent: XmlElement, name: string): string | undefined {
  return parent.children.find((child) => child.name === name)?.text;
}
