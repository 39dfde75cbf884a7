import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { TokenSet } from "./code-flow.ts";

/** Tokens per endpoint and user, in files only their owner can read. */
export class TokenCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(mcpUrl: string, username: string): TokenSet | undefined {
    const file = this.#file(mcpUrl, username);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as TokenSet) : undefined;
  }

  write(mcpUrl: string, username: string, tokens: TokenSet): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = this.#file(mcpUrl, username);
    writeFileSync(`${file}.${process.pid}`, JSON.stringify(tokens), { mode: 0o600 });
    renameSync(`${file}.${process.pid}`, file);
  }

  #file(mcpUrl: string, username: string): string {
    const name = createHash("sha256").update(`${mcpUrl}\n${username}`).digest("hex").slice(0, 32);
    return path.join(this.#folder, `${name}.json`);
  }
}
