/**
 * Paths that a model, a client or a foreign repository may send. `refused`: a part of what is said (code `invalid_path`);
 * without it the path is a plain name here, kept byte for byte. A row is tried at every door that takes a path.
 */
export interface HostilePath {
  readonly what: string;
  readonly path: string;
  readonly refused?: string;
}

const refuse = (refused: string, rows: readonly (readonly [what: string, path: string])[]) =>
  rows.map(([what, path]) => ({ what, path, refused }));
const keep = (rows: readonly (readonly [what: string, path: string])[]) =>
  rows.map(([what, path]) => ({ what, path }));

const DOTS = "is not allowed";
const ABSOLUTE = "must be relative";
const EMPTY = "a name in it is empty";
const CONTROL = "a backslash or a control character";
const GIT = "git's own folder";
const UNICODE = "not valid Unicode";
const LONG_NAME = "over 255 bytes";
const LONG_PATH = "over 4096 bytes";

export const HOSTILE_PATHS: readonly HostilePath[] = [
  ...refuse(DOTS, [
    ["the directory above", ".."],
    ["up and down", "../app/a"],
    ["far up", "../../../../../../etc/passwd"],
    ["up from below", "src/../../a"],
    ["up again within", "src/../a"],
    ["up at the end", "src/.."],
    ["a dot between", "src/./b"],
    ["up behind a dot", "src/./../../a"],
  ]),
  ...refuse(ABSOLUTE, [
    ["an absolute path", "/etc/passwd"],
    ["two slashes first", "//etc/passwd"],
    ["a file of a process", "/proc/self/environ"],
    ["a device", "/dev/zero"],
  ]),
  ...refuse(EMPTY, [
    ["two slashes between", "src//b"],
    ["four dots and two slashes", "....//a"],
    ["a URL of a file", "file:///etc/passwd"],
  ]),
  ...refuse(CONTROL, [
    ["a way up as Windows writes it", "..\\a"],
    ["a drive", "C:\\Windows\\win.ini"],
    ["a share", "\\\\server\\share"],
    ["a device of Windows", "\\\\.\\PhysicalDrive0"],
    ["a NUL", "a\0"],
    ["a NUL that hides an end", "a.txt\0.png"],
    ["a NUL in a way up", "..\0/a"],
    ["a line feed", "a\nb"],
    ["a carriage return", "a\rb"],
    ["a tabulator", "a\tb"],
    ["colours of a terminal", "a\u001b[31mb"],
    ["a backspace", "a\bb"],
    ["a delete character", "a\u007fb"],
    ["a C1 control character", "a\u009bb"],
  ]),
  ...refuse(GIT, [
    ["git's folder", ".git"],
    ["its configuration", ".git/config"],
    ["its hooks, further down", "src/.git/hooks/pre-commit"],
    ["it in capitals", ".GIT/config"],
    ["it in both", ".gIt/config"],
    ["its short name of NTFS", "git~1"],
    ["its short name in capitals", "GIT~1/config"],
    ["it with a dot behind", ".git./config"],
    ["it with a space behind", ".git /config"],
    ["it with spaces and dots behind", ".git. . ./config"],
    ["it as a stream of NTFS", ".git::$INDEX_ALLOCATION/config"],
    ["it with any stream", ".git:x"],
    ["it with a zero width non-joiner", ".g\u200cit/config"],
    ["it with a zero width joiner", ".gi\u200dt/config"],
    ["it with a left-to-right mark", ".git\u200e/config"],
    ["it with a right-to-left override", ".g\u202eit/config"],
    ["it with a deprecated format character", ".g\u206fit/config"],
    ["it behind a byte order mark", "\ufeff.git/config"],
    ["it in capitals, with both", ".G\u200cIT. /config"],
  ]),
  ...refuse(UNICODE, [
    ["half a character", "\ud83d"],
    ["the other half", "a\ude80b"],
    ["halves in false order", "\ude80\ud83d"],
  ]),
  ...refuse(LONG_NAME, [
    ["a name of 256 bytes", "x".repeat(256)],
    ["a name of 128 letters of two bytes", "ü".repeat(128)],
    ["a name of 64 emoji of four bytes", "🚀".repeat(64)],
  ]),
  ...refuse(LONG_PATH, [
    ["a path of 4,097 bytes", `${"x".repeat(240)}/`.repeat(17).slice(0, 4_097).replace(/\/$/, "y")],
    ["a path of 2,049 names", Array.from({ length: 2_049 }, () => "a").join("/")],
    ["4,000 letters of two bytes", `${"ü".repeat(100)}/`.repeat(40).slice(0, -1)],
  ]),
  ...keep([
    ["a way up as a browser escapes it", "%2e%2e/a"],
    ["a slash as a browser escapes it", "..%2fa"],
    ["a way up as Tomcat took it", "..;/a"],
    ["three dots", ".../a"],
    ["one dot leaders", "\u2024\u2024/a"],
    ["full width dots", "\uff0e\uff0e/a"],
    ["a full width slash", "..\uff0fa"],
    ["a division slash", "..\u2215a"],
    ["somebody's home", "~/.ssh/id_rsa"],
    ["a drive with a slash", "C:/Windows/win.ini"],
    ["a variable of a shell", "$HOME/$(id)"],
    ["an option", "-rf"],
    ["an option of two", "--help"],
    ["a semicolon", "a; rm -rf b"],
    ["backticks and quotes", "`a` 'b' \"c\""],
    ["a space", " "],
    ["spaces around", " a "],
    ["a pattern", "[a-z]*?"],
    ["a name like one of JavaScript's", "__proto__/constructor"],
    ["a method's name", "toString"],
    ["a rule's file", ".gitmodules"],
    ["git's short name of another file", "git~2"],
    ["a name that begins like git's", ".gitx/config"],
    ["the console", "CON"],
    ["nothing, as a device", "nul"],
    ["an auxiliary device", "AUX/x"],
    ["a printer", "prn.txt"],
    ["a serial port", "COM1.txt"],
    ["a port with a raised digit", "LPT\u00b9"],
    ["the console's input", "CONIN$"],
    ["a dot behind", "a."],
    ["a space behind", "a "],
    ["a stream of NTFS", "a.txt:hidden:$DATA"],
    ["characters that Windows reserves", 'a<b>c"d|e?f*g'],
    ["a right-to-left override", "photo\u202egpj.exe"],
    ["a right-to-left isolate", "a\u2067b"],
    ["a zero width space", "a\u200bb"],
    ["a soft hyphen", "a\u00adb"],
    ["a tag character", "a\u{e0041}b"],
    ["a line separator", "a\u2028b"],
    ["a Hangul filler", "\u3164"],
    ["a Cyrillic a", "\u0430.txt"],
    ["an emoji of several", "👩‍👩‍👧/🏳️‍🌈"],
    ["80 accents on a letter", `e${"\u0301".repeat(80)}`],
    ["a character for private use", "\ue000"],
    ["no character", "\ufffe"],
    ["a name of 255 bytes", "x".repeat(255)],
    ["a path of 1,000 names", Array.from({ length: 1_000 }, () => "d").join("/")],
  ]),
];

/** Two names that some file system takes for one. Here they are two, and a Linux disk keeps both. */
export const TWINS: readonly (readonly [what: string, one: string, other: string])[] = [
  ["case", "README.md", "readme.md"],
  ["case of a directory", "Src/b", "src/b"],
  ["case beyond ASCII", "STRASSE", "straße"],
  ["a dotless i", "FILE", "fıle"],
  ["composed and decomposed", "\u00e9", "e\u0301"],
  ["composed and decomposed Hangul", "\uac00", "\u1100\u1161"],
  ["a ligature", "\ufb01le", "file"],
  ["a sign and its letter", "\u212b", "\u00c5"],
  ["a trailing dot", "a", "a."],
  ["a trailing space", "a", "a "],
  ["an invisible character", "a", "a\u200b"],
];

/** Names of projects: they become keys of DynamoDB and S3. All are refused as `invalid_input`. */
export const HOSTILE_PROJECTS: readonly string[] = [
  "",
  ".",
  "..",
  "../app",
  "app/../web",
  "/app",
  "app/",
  "a/b",
  "App",
  " app",
  "app ",
  "app\n",
  "a\0",
  "-app",
  ".app",
  "_app",
  "ä",
  "а", // Cyrillic
  "app#head",
  "T#u-eve#P",
  "a:b",
  "a*",
  "a%2fb",
  "a".repeat(65),
];

/** Globs and patterns of `search_files`: a part of what is said, or nothing is found and nobody waits. */
export const HOSTILE_SEARCHES: readonly {
  readonly what: string;
  readonly glob?: string;
  readonly pattern?: string;
  readonly refused?: string;
}[] = [
  { what: "a glob of many stars", glob: "*a*a*a*a*a*a*b", refused: "more than 4 stars" },
  { what: "stars in a name further down", glob: "src/a*a*a*a*a*b", refused: "more than 4 stars" },
  { what: "a glob above the project", glob: "../**" },
  { what: "a glob of the whole disk", glob: "/etc/**" },
  { what: "a glob of git's folder", glob: ".git/**" },
  { what: "a range of a billion", glob: "{1..1000000000}" },
  { what: "nested braces", glob: "{{{{{{{{{{a,b},c},d},e},f},g},h},i},j},k}x" },
  { what: "many braces", glob: "{a,b}".repeat(30) },
  { what: "an open bracket", glob: "[a" },
  { what: "an open brace", glob: "{a" },
  { what: "a class out of order", glob: "[z-a]x" },
  { what: "many directories of any depth", glob: `${"**/".repeat(40)}x` },
  { what: "an expression as a glob", glob: "(a+)+x" },
  { what: "extended globs", glob: "+(a|aa)+(a|aa)x" },
  { what: "a pattern for backtracking", pattern: "(a+)+$x" },
  { what: "another one", pattern: "(a|a?)+$x" },
  { what: "a look ahead", pattern: "(?=a)x", refused: "The pattern can't be used" },
  { what: "a back reference", pattern: "(a)\\1", refused: "The pattern can't be used" },
  { what: "an open group", pattern: "(a", refused: "The pattern can't be used" },
  {
    what: "a repetition of repetitions",
    pattern: "((a{1,100}){1,100}){1,100}",
    refused: "The pattern can't be used",
  },
  {
    what: "a count over what RE2 takes",
    pattern: "a{100000}",
    refused: "The pattern can't be used",
  },
  { what: "a NUL", pattern: "\0x" },
];
