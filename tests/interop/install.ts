import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const folder = import.meta.dirname;
const modules = path.join(folder, "node_modules");
/** Holds the package.json that node_modules was made from. */
const stamp = path.join(modules, ".zenode-clients");

/** Installs the pinned clients where they are missing. Not by `npm ci`: registries may lack packages of other platforms. */
export async function ensureClients(): Promise<void> {
  const wanted = await readFile(path.join(folder, "package.json"), "utf8");
  if (existsSync(stamp) && (await readFile(stamp, "utf8")) === wanted) return;
  process.stderr.write("zenode: installing the clients (once, about 500 MB) …\n");
  const flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
  const child = spawn("npm", ["install", ...flags, "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`npm install of the clients ended with ${code}.`);
  await writeFile(stamp, wanted);
}

/** A script of an installed client. */
export function clientScript(relative: string): string {
  return path.join(modules, relative);
}
