import { open } from "node:fs/promises";
import { hostile } from "./incoming-files.ts";

/** What an upload is, by its first bytes: what it is called says nothing. */
export type UploadFormat = "git bundle" | "tar" | "tar.gz" | "zip";

const BEGINNING = 512;
/** Where "ustar" stands in a tar's first header. */
const USTAR = 257;

/** @throws RefusedError `invalid_input`. */
export async function detectFormat(file: string): Promise<UploadFormat> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
    const start = buffer.subarray(0, bytesRead).toString("latin1");
    if (/^# v[23] git bundle\n/.test(start)) return "git bundle";
    if (start.startsWith("\u001f\u008b")) return "tar.gz";
    // The second: without any entry.
    if (start.startsWith("PK\u0003\u0004") || start.startsWith("PK\u0005\u0006")) return "zip";
    if (start.slice(USTAR, USTAR + 5) === "ustar") return "tar";
    throw hostile("it is no zip, tar, tar.gz or git bundle");
  } finally {
    await handle.close();
  }
}
