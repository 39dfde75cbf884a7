import { directoryOf, entry, fileOf, linkOf, sha256, treeOf } from "./hand-made.ts";

/** Trees that a client writes by hand: all blobs of a push, the root last. */
export interface HostileTree {
  readonly what: string;
  readonly blobs: () => readonly Uint8Array[];
  readonly code: string;
  readonly text: string;
}

const hello = Buffer.from("hello");
const ABSENT = "ab".repeat(32);
const bytes = (...values: readonly number[]) => Uint8Array.from(values);

/** A root that holds one file of each name. */
const named = (what: string, name: string | Uint8Array, text: string): HostileTree => ({
  what: `a file named ${what}`,
  blobs: () => [hello, treeOf(fileOf(name, hello))],
  code: "corrupt",
  text,
});

const rooted = (what: string, root: () => Uint8Array, code: string, text: string): HostileTree => ({
  what,
  blobs: () => [hello, root()],
  code,
  text,
});

/** Each directory holds the one before under several names: 2^levels paths of a few hundred bytes. */
function nested(leaf: Uint8Array, levels: number, names: readonly string[]): readonly Uint8Array[] {
  const trees = [leaf];
  for (let level = 0; level < levels; level++) {
    const below = trees.at(-1) as Uint8Array;
    trees.push(treeOf(...names.map((name) => directoryOf(name, below))));
  }
  return trees;
}

const BAD_NAME = "A tree holds a bad name";
const NOT_UTF8 = "not UTF-8";

export const HOSTILE_TREES: readonly HostileTree[] = [
  named("..", "..", BAD_NAME),
  named(".", ".", BAD_NAME),
  named("nothing", "", BAD_NAME),
  named("with a slash", "a/b", BAD_NAME),
  named("as an absolute path", "/etc/passwd", BAD_NAME),
  named("as a way up", "../../x", BAD_NAME),
  named("with a backslash", "..\\x", BAD_NAME),
  named("with a NUL", "a\0", BAD_NAME),
  named("with a line feed", "a\n", BAD_NAME),
  named(".git", ".git", BAD_NAME),
  named(".GIT", ".GIT", BAD_NAME),
  named("git~1", "git~1", BAD_NAME),
  named(".git with a dot behind", ".git.", BAD_NAME),
  named(".git with an invisible character", ".g\u200cit", BAD_NAME),
  named("of 256 bytes", "x".repeat(256), "A number is 256, over 255"),
  named("that is a lone byte", bytes(0xff), NOT_UTF8),
  named(".. in an overlong form", bytes(0xc0, 0xae, 0xc0, 0xae), NOT_UTF8),
  named("with an overlong slash", bytes(0x61, 0xc0, 0xaf, 0x62), NOT_UTF8),
  named("with half a character", bytes(0xed, 0xa0, 0x80), NOT_UTF8),
  named("with a cut character", bytes(0x61, 0xe2, 0x82), NOT_UTF8),
  named("beyond Unicode", bytes(0xf4, 0x90, 0x80, 0x80), NOT_UTF8),
  rooted(
    "two entries of one name",
    () => treeOf(fileOf("a", hello), fileOf("a", hello)),
    "corrupt",
    "not in order",
  ),
  rooted(
    "a file and a directory of one name",
    () => treeOf(fileOf("a", hello), directoryOf("a", hello)),
    "corrupt",
    "not in order",
  ),
  rooted(
    "names out of order",
    () => treeOf(fileOf("b", hello), fileOf("a", hello)),
    "corrupt",
    "not in order",
  ),
  rooted(
    "an unknown kind",
    () => treeOf(entry(4, "a", 5, sha256(hello))),
    "corrupt",
    "an unknown kind",
  ),
  rooted("another version", () => Buffer.from("ZT\x02"), "corrupt", "no tree"),
  rooted("nothing at all", () => Buffer.alloc(0), "corrupt", "ends too early"),
  rooted("a file as the root", () => Buffer.from("#!/bin/sh\n"), "corrupt", "no tree"),
  rooted(
    "a cut entry",
    () => treeOf(fileOf("a", hello).subarray(0, 20)),
    "corrupt",
    "ends too early",
  ),
  rooted("bytes behind", () => treeOf(fileOf("a", hello), bytes(0)), "corrupt", "ends too early"),
  rooted(
    "a length in a long form",
    () => treeOf(bytes(2, 0x81, 0, 0x61, 1, 0x78)),
    "corrupt",
    "shortest form",
  ),
  rooted(
    "a name longer than the tree",
    () => treeOf(bytes(2, 200, 1, 0x61)),
    "corrupt",
    "ends too early",
  ),
  rooted(
    "a length of 2^49",
    () => treeOf(bytes(0, 1, 0x61, 255, 255, 255, 255, 255, 255, 127)),
    "corrupt",
    "over 67108864",
  ),
  rooted(
    "a length without end",
    () => treeOf(bytes(0, 1, 0x61, ...Array.from({ length: 60 }, () => 255))),
    "corrupt",
    "too long",
  ),
  rooted(
    "a file that was not sent",
    () => treeOf(entry(0, "a", 5, ABSENT)),
    "not_found",
    "was not uploaded",
  ),
  rooted(
    "a directory that was not sent",
    () => treeOf(entry(3, "a", 5, ABSENT)),
    "not_found",
    "was not uploaded",
  ),
  rooted(
    "a file of another size",
    () => treeOf(entry(0, "a", 6, sha256(hello))),
    "corrupt",
    "has 5 bytes, not 6",
  ),
  rooted("a directory that is a file", () => treeOf(directoryOf("a", hello)), "corrupt", "no tree"),
  rooted(
    "a directory of another size",
    () => treeOf(entry(3, "a", 4, sha256(hello))),
    "corrupt",
    "has 5 bytes, not 4",
  ),
  rooted("a link out", () => treeOf(linkOf("l", "../x")), "invalid_path", "leads out"),
  rooted("an absolute link", () => treeOf(linkOf("l", "/etc")), "invalid_path", "leads out"),
  rooted("a link to nothing", () => treeOf(linkOf("l", "")), "invalid_path", "leads out"),
  rooted(
    "a link up behind a name",
    () => treeOf(linkOf("l", "a/../../x")),
    "invalid_path",
    "leads out",
  ),
  rooted("a link that is not UTF-8", () => treeOf(linkOf("l", bytes(0xff))), "corrupt", NOT_UTF8),
  rooted(
    "a link of 4,097 bytes",
    () => treeOf(linkOf("l", "x".repeat(4_097))),
    "corrupt",
    "over 4096",
  ),
  {
    what: "a link that leads out one directory further up",
    blobs: () => nested(treeOf(linkOf("l", "../../x")), 1, ["d"]),
    code: "invalid_path",
    text: "leads out",
  },
  {
    what: "a directory without a file",
    blobs: () => nested(treeOf(), 1, ["d"]),
    code: "invalid_input",
    text: "without a file",
  },
  {
    what: "2^40 files in 8 KB",
    blobs: () => [hello, ...nested(treeOf(fileOf("f", hello)), 40, ["a", "b"])],
    code: "too_large",
    text: "at most 200000 files",
  },
  {
    what: "2^60 links",
    blobs: () => nested(treeOf(linkOf("l", "x")), 60, ["a", "b"]),
    code: "too_large",
    text: "at most 200000 files",
  },
  {
    what: "4 GiB in a megabyte",
    blobs: () => {
      const large = Buffer.alloc(1_048_576);
      return [large, ...nested(treeOf(fileOf("f", large)), 12, ["a", "b"])];
    },
    code: "too_large",
    text: "at most 2147483648 bytes",
  },
  {
    what: "2,100 directories below each other",
    blobs: () => [hello, ...nested(treeOf(fileOf("f", hello)), 2_100, ["d"])],
    code: "invalid_path",
    text: "too deep",
  },
  {
    what: "a path of 4,100 bytes",
    blobs: () => [hello, ...nested(treeOf(fileOf("f", hello)), 16, ["x".repeat(255)])],
    code: "invalid_path",
    text: "over 4096 bytes",
  },
  {
    what: "200,001 links in one directory",
    blobs: () => {
      const names = Array.from({ length: 200_001 }, (_, at) => String(at).padStart(6, "0"));
      return [treeOf(Buffer.concat(names.map((name) => linkOf(name, "x"))))];
    },
    code: "too_large",
    text: "at most 200000 files",
  },
];
