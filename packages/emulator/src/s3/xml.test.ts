import fc from "fast-check";
import { expect, test } from "vitest";
import { childrenOf, element, parseXml, textOf } from "./xml.ts";

test("text is escaped, nested elements are not, undefined is left out", () => {
  expect(element("A", [element("B", `<&>"\u0001`), element("C", 7), element("D", undefined)])).toBe(
    "<A><B>&lt;&amp;&gt;&quot;&#x1;</B><C>7</C></A>",
  );
});

test("a request document is read", () => {
  const root = parseXml(
    '<?xml version="1.0"?><!-- c --><s3:Delete xmlns:s3="x">\n <Object><Key>a&amp;b &#x1F600;&#65;<![CDATA[<]]></Key></Object><Quiet/></s3:Delete>',
  );
  expect(root.name).toBe("Delete");
  expect(childrenOf(root, "Object").map((child) => textOf(child, "Key"))).toEqual(["a&b 😀A<"]);
  expect(textOf(root, "Quiet")).toBe("");
  expect(textOf(root, "Other")).toBeUndefined();
});

test.each(["", "text", "<a>", "<a></b>", "</a>", "<a", "<a>&#x110000;</a>", "<a/><"])(
  "%j is malformed",
  (text) => {
    expect(() => parseXml(text)).toThrow(expect.objectContaining({ code: "MalformedXML" }));
  },
);

test("any text survives writing and reading", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(parseXml(element("A", text)).text).toBe(text);
    }),
  );
});
