/** Targets of links. `refused`: it could lead out; otherwise it is kept, shown, and never followed. */
export interface HostileLink {
  readonly what: string;
  readonly path: string;
  readonly target: string;
  readonly refused: boolean;
}

const links = (
  refused: boolean,
  rows: readonly (readonly [what: string, target: string, path?: string])[],
): readonly HostileLink[] =>
  rows.map(([what, target, path = "l"]) => ({ what, path, target, refused }));

export const HOSTILE_LINKS: readonly HostileLink[] = [
  ...links(true, [
    ["an absolute target", "/etc/passwd"],
    ["the root of the disk", "/"],
    ["the root by way of a process", "/proc/self/root"],
    ["two slashes first", "//server/share"],
    ["the directory above", ".."],
    ["above", "../x"],
    ["above behind a dot", "./../x"],
    ["above behind many slashes", ".//..//x"],
    ["one too far up", "../../x", "src/l"],
    ["far up", "../".repeat(40), "a/b/c/l"],
    ["up behind a name, which may be a link", "src/../../x"],
    ["up behind a name, though it stays", "src/../x"],
    ["up and down through a link", "m/../../../etc"],
    ["nothing", ""],
    ["a NUL", "a\0b"],
    ["a line feed", "a\nb"],
    ["an escape", "\u001b[2J"],
    ["a backslash", "..\\x"],
    ["a drive", "C:\\x"],
    ["half a character", "a\ud800"],
    ["5,000 letters", "x/".repeat(2_500)],
    ["4,000 letters of two bytes", "ü/".repeat(1_400)],
  ]),
  ...links(false, [
    ["itself", "l"],
    ["what is not there", "nothing/here"],
    ["the root of the project", ".", "l"],
    ["the root from below", "..", "src/l"],
    ["a file from below", "../a", "src/l"],
    ["as far up as it may", "../../../a", "x/y/z/l"],
    ["a drive with a slash", "C:/x"],
    ["a URL of a file", "file:///etc/passwd"],
    ["somebody's home", "~root"],
    ["a right-to-left override", "a\u202eb"],
  ]),
];
