/** By a name's last extension. Text is told from bytes by its content; this only says which text. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  css: "text/css",
  csv: "text/csv",
  gif: "image/gif",
  gz: "application/gzip",
  html: "text/html",
  ico: "image/vnd.microsoft.icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  md: "text/markdown",
  mjs: "text/javascript",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  ogg: "audio/ogg",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  toml: "application/toml",
  ts: "text/x-typescript",
  tsx: "text/x-typescript",
  txt: "text/plain",
  wasm: "application/wasm",
  wav: "audio/wav",
  webp: "image/webp",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
  zip: "application/zip",
};

/** Undefined: the name does not tell. */
export function mimeTypeOf(path: string): string | undefined {
  const [, extension] = /\.([^./]+)$/.exec(path) ?? [];
  const known = extension?.toLowerCase() ?? "";
  return Object.hasOwn(BY_EXTENSION, known) ? BY_EXTENSION[known] : undefined;
}
