import { gzipSync } from "node:zlib";
import { type TarEntry, tarOf } from "./hand-made-tar.ts";
import { type ZipEntry, zipOf } from "./hand-made-zip.ts";

/** An archive that is refused as a whole. `told`: a part of what is said. */
export interface HostileArchive {
  readonly what: string;
  readonly archive: () => Uint8Array;
  readonly told: string;
}

const good = { path: "good", content: "good" };
const tar = (what: string, told: string, ...entries: readonly TarEntry[]): HostileArchive => ({
  what: `tar: ${what}`,
  told,
  archive: () => tarOf([good, ...entries]),
});
const zip = (what: string, told: string, ...entries: readonly ZipEntry[]): HostileArchive => ({
  what: `zip: ${what}`,
  told,
  archive: () => zipOf([good, ...entries]),
});

/** Names that no honest archive has. yauzl has words of its own for some. */
const NAMES: readonly (readonly [what: string, name: string, inTar: string, inZip: string])[] = [
  ["a way up", "../evil", "is not allowed", "invalid relative path"],
  ["a way up from below", "a/../../evil", "is not allowed", "invalid relative path"],
  ["a way up at the end", "a/..", "is not allowed", "invalid relative path"],
  ["a way up behind a dot", "./../evil", "is not allowed", "invalid relative path"],
  ["an absolute path", "/etc/passwd", "must be relative", "absolute path"],
  ["two slashes first", "//etc/passwd", "must be relative", "absolute path"],
  ["a dot between", "a/./b", "is not allowed", "is not allowed"],
  ["two slashes between", "a//b", "is empty", "is empty"],
  ["a way up as Windows writes it", "..\\evil", "a backslash", "invalid characters"],
  ["a drive with a backslash", "C:\\evil", "a backslash", "invalid characters"],
  ["a line feed", "a\nb", "control character", "control character"],
  ["colours of a terminal", "a\u001b[31mb", "control character", "control character"],
  ["a name of 256 bytes", "x".repeat(256), "over 255 bytes", "over 255 bytes"],
  [
    "a path of over 4,096 bytes",
    `${`${"x".repeat(250)}/`.repeat(17)}y`,
    "over 4096 bytes",
    "over 4096 bytes",
  ],
];

const flipped = (body: Uint8Array, at: number) => {
  const copy = Buffer.from(body);
  const place = at < 0 ? copy.length + at : at;
  copy[place] = (copy[place] ?? 0) ^ 1;
  return copy;
};

const TARS: readonly HostileArchive[] = [
  ...NAMES.map(([what, path, told]) => tar(what, told, { path, content: "x" })),
  tar("a way up in a pax header", "is not allowed", { pax: { path: "../evil" }, path: "a" }),
  tar("a way up in GNU's long name", "is not allowed", { gnuName: "../evil", path: "a" }),
  tar("a way up in the prefix", "is not allowed", { prefix: "..", path: "evil", content: "x" }),
  tar("a NUL in a pax header", "control character", { pax: { path: "a\0.png" }, path: "a" }),
  tar("a name that is not UTF-8", "not UTF-8", { path: Buffer.from([0x61, 0xff]), content: "x" }),
  tar("half a character in a pax header", "not UTF-8", {
    paxBody: Buffer.concat([Buffer.from("11 path=a"), Buffer.from([0xff, 0x0a])]),
    path: "a",
  }),
  tar("a pax header whose length leads on", "a header in the archive is damaged", {
    paxBody: Buffer.from("99 path=a\n"),
    path: "a",
  }),
  tar("a pax header whose length leads back", "a header in the archive is damaged", {
    paxBody: Buffer.from("-5 path=a\n"),
    path: "a",
  }),
  tar("a pax header without an end", "a header in the archive is damaged", {
    paxBody: Buffer.from("9 path=ab"),
    path: "a",
  }),
  tar("a pax header of 2 MiB", "a header in the archive has 2097152 bytes", {
    paxBody: Buffer.alloc(2_097_152, "1"),
    path: "a",
  }),
  tar("a global header that renames all", "renames all of its files", {
    type: "g",
    path: "pax_global_header",
    content: "15 path=../evil\n".replace("15", "16"),
  }),
  tar("a character device", "is a character device", { type: "3", path: "null" }),
  tar("a block device", "is a block device", { type: "4", path: "disk" }),
  tar("a pipe", "is a pipe", { type: "6", path: "pipe" }),
  tar("a sparse file of GNU", "is a sparse file", { type: "S", path: "sparse" }),
  tar("a sparse file in a pax header", "holds a sparse file", {
    pax: { "GNU.sparse.major": "1", "GNU.sparse.minor": "0" },
    path: "sparse",
    content: "x",
  }),
  tar("a part of another volume", "is a part of a file", { type: "M", path: "part" }),
  tar("a kind that is not known", "is of a kind that is not known", { type: "Z", path: "odd" }),
  tar("a hard link out", "must be relative", { type: "1", path: "link", target: "/etc/passwd" }),
  tar("a hard link up", "is not allowed", { type: "1", path: "link", target: "../../etc/passwd" }),
  tar("a hard link to nothing", "which is no file before it", {
    ...{ type: "1", path: "link", target: "later" },
  }),
  tar(
    "a hard link to a link",
    "which is no file before it",
    ...[
      { type: "2", path: "soft", target: "good" },
      { type: "1", path: "hard", target: "soft" },
    ],
  ),
  tar("a hard link with content", "is a link with content", {
    ...{ type: "1", path: "link", target: "good", content: "x" },
  }),
  tar("the same file twice", '"good" is in it twice', good),
  tar("the same file in two spellings", '"good" is in it twice', { path: "./good", content: "x" }),
  tar(
    "a file over a link",
    '"link" is in it twice',
    ...[
      { type: "2", path: "link", target: "good" },
      { path: "link", content: "x" },
    ],
  ),
  tar(
    "a file through a link",
    '"link" is a directory and something else',
    ...[
      { type: "2", path: "link", target: "elsewhere" },
      { path: "link/evil", content: "x" },
    ],
  ),
  tar("a file below a file", '"good" is a directory and something else', {
    ...{ path: "good/evil", content: "x" },
  }),
  tar("a directory and a file of one name", '"good" is a directory and something else', {
    ...{ type: "5", path: "good/" },
  }),
  tar("a size below zero", "a number in the archive is none", { path: "a", size: "-0000000001\0" }),
  tar("a size of letters", "a number in the archive is none", { path: "a", size: "zzzzzzzzzzz\0" }),
  tar("a size of 2^88", "a number in the archive is none", {
    ...{ path: "a", size: Buffer.concat([Buffer.from([0x80]), Buffer.alloc(11, 0xff)]) },
  }),
  tar("a negative size of GNU's", "a number in the archive is none", {
    ...{ path: "a", size: Buffer.alloc(12, 0xff) },
  }),
  tar("a size beyond the archive's end", "the archive is cut off", {
    ...{ path: "a", size: "00000100000\0" },
  }),
  tar("a pax size beyond the archive's end", "the archive is cut off", {
    ...{ pax: { size: "99999999" }, path: "a" },
  }),
  tar("a pax size that is no number", "a header in the archive is damaged", {
    ...{ pax: { size: "1e3" }, path: "a" },
  }),
  {
    what: "tar: a damaged header",
    told: "a damaged one",
    archive: () => flipped(tarOf([good, good]), 1030),
  },
  {
    what: "tar: cut off in a header",
    told: "cut off",
    archive: () => tarOf([good, good]).subarray(0, 1100),
  },
  {
    what: "tar: cut off in a file",
    told: "cut off",
    archive: () => tarOf([good]).subarray(0, 514),
  },
  {
    what: "tar: a name for nothing at its end",
    told: "cut off",
    archive: () => tarOf([good, { pax: { path: "x" }, path: "", headerOnly: true }]),
  },
  {
    what: "tar.gz: damaged",
    told: "no sound gzip",
    archive: () => flipped(gzipSync(tarOf([good])), -6),
  },
  {
    what: "tar.gz: cut off",
    told: "no sound gzip",
    archive: () => gzipSync(tarOf([good])).subarray(0, -20),
  },
  {
    what: "tar.gz: gzip in gzip",
    told: "no tar archive",
    archive: () => gzipSync(gzipSync(Buffer.alloc(100_000, "abc"))),
  },
  {
    what: "tar.gz: of no tar",
    told: "no tar archive",
    archive: () => gzipSync(Buffer.alloc(9_999, "x")),
  },
];

const ZIPS: readonly HostileArchive[] = [
  ...NAMES.map(([what, path, , told]) => zip(what, told, { path, content: "x" })),
  zip("a drive", "absolute path", { path: "C:/evil", content: "x" }),
  zip("a name that is not UTF-8", "not UTF-8", { path: Buffer.from([0x61, 0xff]), content: "x" }),
  zip("a character device", "neither a file nor a link", { path: "null", mode: 0o020666 }),
  zip("a block device", "neither a file nor a link", { path: "disk", mode: 0o060666 }),
  zip("a pipe", "neither a file nor a link", { path: "pipe", mode: 0o010666 }),
  zip("a socket", "neither a file nor a link", { path: "socket", mode: 0o140666 }),
  zip("an encrypted file", "is encrypted", { path: "a", content: "secret", flags: 0x801 }),
  zip("a way to compress that is not known", "not known (14)", {
    path: "a",
    content: "x",
    method: 14,
  }),
  zip("a content that is not its checksum's", "is damaged", { path: "a", content: "x", crc: 1 }),
  zip("a file that is larger than it says", "no sound zip", {
    path: "a",
    content: "x".repeat(99),
    size: 9,
  }),
  zip("a file that is smaller than it says", "no sound zip", { path: "a", content: "x", size: 99 }),
  zip("a stored file of two sizes", "no sound zip", {
    path: "a",
    content: "xx",
    stored: true,
    size: 9,
  }),
  zip("another name inside", "has another name inside", { path: "a", content: "x", inner: "b" }),
  zip("the same file twice", '"good" is in it twice', good),
  zip(
    "a file over a link",
    '"link" is in it twice',
    ...[
      { path: "link", mode: 0o120777, content: "good" },
      { path: "link", content: "x" },
    ],
  ),
  zip(
    "a file through a link",
    '"link" is a directory and something else',
    ...[
      { path: "link", mode: 0o120777, content: "elsewhere" },
      { path: "link/evil", content: "x" },
    ],
  ),
  zip("a link's target that is not UTF-8", "target is not UTF-8", {
    ...{ path: "link", mode: 0o120777, content: Buffer.from([0xff]) },
  }),
  zip(
    "two files of the same bytes",
    "overlap",
    ...[
      { path: "a", content: "x".repeat(999) },
      { path: "a", overlaps: true, content: "x".repeat(999) },
    ],
  ),
  zip(
    "files of 5 GiB, it says",
    "MiB when it is unpacked",
    { path: "a", content: "x", size: 0xfffffffe },
    {
      ...{ path: "b", content: "x", size: 0xfffffffe },
    },
  ),
  {
    what: "zip: more entries than it has",
    told: "no sound zip",
    archive: () => zipOf([good], { entries: 9 }),
  },
  {
    what: "zip: a directory beyond its end",
    told: "no sound zip",
    archive: () => zipOf([good], { directory: 0x7fffffff }),
  },
  { what: "zip: cut off", told: "no sound zip", archive: () => zipOf([good]).subarray(0, -10) },
  {
    what: "zip: with something behind its end",
    told: "no sound zip",
    archive: () => Buffer.concat([zipOf([good]), Buffer.from("more")]),
  },
];

const OTHERS: readonly HostileArchive[] = [
  {
    what: "nothing known",
    told: "no zip, tar, tar.gz or git bundle",
    archive: () => Buffer.from("hello"),
  },
  {
    what: "an executable",
    told: "no zip, tar, tar.gz or git bundle",
    archive: () => Buffer.from("\u007fELF\u0002"),
  },
  {
    what: "a bundle of nothing",
    told: "no sound bundle",
    archive: () => Buffer.from("# v2 git bundle\n\n"),
  },
  {
    what: "a bundle of garbage",
    told: "no sound bundle",
    archive: () => Buffer.from(`# v2 git bundle\n${"a".repeat(40)} refs/heads/main\n\nPACK`),
  },
  {
    what: "a bundle whose ref is an option",
    told: "no sound bundle",
    archive: () => Buffer.from(`# v2 git bundle\n${"a".repeat(40)} --upload-pack=touch\n\nPACK`),
  },
];

export const HOSTILE_ARCHIVES: readonly HostileArchive[] = [...TARS, ...ZIPS, ...OTHERS];
