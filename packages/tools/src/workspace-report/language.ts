/** Languages by file extension, those of one family on a line. */
const LANGUAGES: readonly (readonly [language: string, ...extensions: readonly string[]])[] = [
  ["Assembly", "asm", "s"],
  ["C", "c", "h"],
  ["C#", "cs"],
  ["C++", "cc", "cpp", "cxx", "hh", "hpp", "hxx"],
  ["CSS", "css"],
  ["CSV", "csv", "tsv"],
  ["Clojure", "clj", "cljc", "cljs"],
  ["Dart", "dart"],
  ["Elixir", "ex", "exs"],
  ["Erlang", "erl", "hrl"],
  ["Go", "go"],
  ["GraphQL", "gql", "graphql"],
  ["HTML", "htm", "html", "xhtml"],
  ["Haskell", "hs", "lhs"],
  ["Image", "avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "webp"],
  ["Java", "java"],
  ["JavaScript", "cjs", "js", "jsx", "mjs"],
  ["JSON", "json", "json5", "jsonc", "jsonl", "webmanifest"],
  ["Kotlin", "kt", "kts"],
  ["Less", "less"],
  ["Lua", "lua"],
  ["Markdown", "markdown", "md", "mdx"],
  ["Objective-C", "m", "mm"],
  ["PHP", "php"],
  ["Perl", "pl", "pm"],
  ["PowerShell", "ps1", "psm1"],
  ["Protocol Buffers", "proto"],
  ["Python", "py", "pyi"],
  ["R", "r", "rmd"],
  ["Ruby", "gemspec", "rake", "rb"],
  ["Rust", "rs"],
  ["SCSS", "sass", "scss"],
  ["SQL", "sql"],
  ["SVG", "svg"],
  ["Scala", "sc", "scala"],
  ["Shell", "bash", "fish", "sh", "zsh"],
  ["Source map", "map"],
  ["Svelte", "svelte"],
  ["Swift", "swift"],
  ["TOML", "toml"],
  ["Terraform", "hcl", "tf", "tfvars"],
  ["Text", "adoc", "rst", "txt"],
  ["TypeScript", "cts", "mts", "ts", "tsx"],
  ["Vue", "vue"],
  ["WebAssembly", "wasm", "wat"],
  ["XML", "xml", "xsd", "xsl"],
  ["YAML", "yaml", "yml"],
  ["Zig", "zig"],
];

const BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  LANGUAGES.flatMap(([language, ...extensions]) =>
    extensions.map((extension) => [extension, language] as const),
  ),
);

const BY_NAME: ReadonlyMap<string, string> = new Map([
  ["dockerfile", "Dockerfile"],
  ["gemfile", "Ruby"],
  ["makefile", "Makefile"],
  ["rakefile", "Ruby"],
]);

/** The language of a file by its name; `.xyz` for an extension that is none, `(no extension)` else. */
export function toLanguage(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 ? name.slice(dot + 1) : "";
  if (extension === "") return BY_NAME.get(name) ?? "(no extension)";
  return BY_EXTENSION.get(extension) ?? `.${extension}`;
}
