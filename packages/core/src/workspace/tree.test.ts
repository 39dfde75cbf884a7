import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeTree, encodeTree, findName, type TreeEntry } from "./tree.ts";

const blob = "ab".repeat(32);
const entries: readonly TreeEntry[] = [
  { kind: "directory", name: "a", bytes: 35, blob },
  { kind: "file", name: "a.txt", executable: false, bytes: 0, blob },
  { kind: "link", name: "latest", target: "a/ü" },
  { kind: "file", name: "run", executable: true, bytes: 67_108_864, blob },
];

test("a tree is read as it was written, whatever the order it was given in", () => {
  expect(decodeTree(encodeTree(entries))).toEqual(entries);
  expect(encodeTree(entries.toReversed())).toEqual(encodeTree(entries));
});

test("an entry is found by its name, and by no other", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-cü.]{1,4}$/), { maxLength: 20 });
  fc.assert(
    fc.property(names, names, (there, asked) => {
      const plain = there.filter((name) => name !== "." && name !== "..");
      const tree = decodeTree(
        encodeTree(plain.map((name) => ({ kind: "link", name, target: "x" }) as const)),
      );
      for (const name of [...plain, ...asked]) {
        expect(findName(tree, name)?.name).toBe(plain.includes(name) ? name : undefined);
      }
    }),
  );
});

test("the encoding is the documented one", () => {
  const tree = encodeTree([
    { kind: "file", name: "x", executable: true, bytes: 300, blob },
    { kind: "link", name: "y", target: "x" },
  ]);
  expect(Buffer.from(tree).toString("hex")).toBe(
    `5a540101${"0178"}ac02${blob}02${"0179"}${"0178"}`,
  );
});

const write = (text: string) => new TextEncoder().encode(text);
const link = (name: string) => [2, name.length, ...write(name), 1, 0x78];

test.each([
  ["no magic", [0x5a, 0x54, 2]],
  ["nothing", []],
  ["an unknown kind", [0x5a, 0x54, 1, 4, 1, 0x61]],
  ["two names out of order", [0x5a, 0x54, 1, ...link("b"), ...link("a")]],
  ["a name twice", [0x5a, 0x54, 1, ...link("a"), ...link("a")]],
  ["the name ..", [0x5a, 0x54, 1, ...link("..")]],
  ["a name with a slash", [0x5a, 0x54, 1, ...link("a/b")]],
  ["an empty name", [0x5a, 0x54, 1, ...link("")]],
  ["a name that is not UTF-8", [0x5a, 0x54, 1, 2, 1, 0xff, 1, 0x78]],
  ["a number in a long form", [0x5a, 0x54, 1, 2, 0x81, 0x00, 0x61, 1, 0x78]],
  ["a length past the end", [0x5a, 0x54, 1, 2, 200, 1, 0x61]],
  ["a cut id", [0x5a, 0x54, 1, 0, 1, 0x61, 5, 1, 2, 3]],
])("a tree with %s is corrupt", (_, bytes) => {
  expect(() => decodeTree(Uint8Array.from(bytes))).toThrow(
    expect.objectContaining({ name: "RefusedError", code: "corrupt" }),
  );
});

test("whatever bytes are read as a tree, they are refused or are the one encoding of it", () => {
  const mutated = fc
    .tuple(fc.nat(200), fc.nat(255))
    .map(([at, byte]) => encodeTree(entries).with(at % encodeTree(entries).length, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      try {
        expect(encodeTree(decodeTree(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toMatchObject({ name: "RefusedError", code: "corrupt" });
      }
    }),
    { numRuns: 500 },
  );
});
