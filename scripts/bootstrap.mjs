// Plain JavaScript for Node 20 and up: it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Lambda's Node.js; what zenode runs on everywhere. */
const WANTED_MAJOR = 24;

function fail(message) {
  process.stderr.write(`zenode: ${message}\n`);
  process.exit(1);
}

const LOCK = path.join(root, "package-lock.json");
/** Names the lock file that node_modules was made from. */
const STAMP = path.join(root, "node_modules", ".zenode-lock");

function lockHash() {
  return createHash("sha256").update(readFileSync(LOCK)).digest("hex");
}

/** Made from this lock file by us, or later than it by somebody's own `npm ci`. */
function isInstalled() {
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === lockHash()) return true;
  const marker = path.join(root, "node_modules", ".package-lock.json");
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(LOCK).mtimeMs;
}

/**
 * Installs what the lock file says, once, when something is missing. Not by `npm ci`: it refuses a lock
 * file that lacks optional packages of other platforms, which not every registry carries. Output goes
 * to stderr, so that --json stays clean.
 */
export function ensureInstalled() {
  if (isInstalled()) return;
  process.stderr.write("zenode: installing dependencies (once, about a minute) …\n");
  const windows = process.platform === "win32";
  const options = { cwd: root, stdio: ["ignore", 2, 2], shell: windows };
  const done = spawnSync(
    windows ? "npm.cmd" : "npm",
    ["install", "--no-save", "--loglevel=error"],
    options,
  );
  if (done.status !== 0) {
    fail(
      "the dependencies could not be installed; what npm said stands above. Check the network and run the command again.",
    );
  }
  writeFileSync(STAMP, lockHash());
}

/** The Node 24 executable: the one npm installed for this platform, else this process's own if it is new enough. */
export function nodeBinary() {
  const require = createRequire(path.join(root, "package.json"));
  const platform = process.platform === "win32" ? "win" : process.platform;
  try {
    const folder = path.dirname(require.resolve(`node-${platform}-${process.arch}/package.json`));
    return path.join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    if (Number.parseInt(process.versions.node, 10) >= WANTED_MAJOR) return process.execPath;
    return fail(
      `Node.js ${WANTED_MAJOR} is needed on ${process.platform}-${process.arch}; this is ${process.version}.`,
    );
  }
}
