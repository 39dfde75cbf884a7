import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");

/**
 * Sees to it that `.sst/platform` holds the SST components of the installed version: stacks are type
 * checked against them and synthesised with them. Needs the npm registry when they are missing,
 * never AWS. Throws when SST cannot install them.
 */
export async function ensureSstPlatform(): Promise<void> {
  const wanted = await wantedVersion();
  if (await isPresent(wanted)) return;
  process.stderr.write(
    `zenode: fetching the components of SST ${wanted} (once, about a minute) …\n`,
  );
  await install();
  if (await isPresent(wanted)) return;
  throw new Error(
    `SST said it installed its components, but .sst/platform is not that of ${wanted}`,
  );
}

async function wantedVersion(): Promise<string> {
  const manifest = await readFile(path.join(root, "node_modules/sst/package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** SST writes `version` first and the provider lock last, so an install cut short is told apart. */
async function isPresent(version: string): Promise<boolean> {
  const sst = path.join(root, ".sst");
  const marker = path.join(sst, "platform/version");
  const parts = [
    marker,
    path.join(sst, "provider-lock.json"),
    path.join(sst, "platform/node_modules/@pulumi/aws/package.json"),
  ];
  if (!parts.every((part) => existsSync(part))) return false;
  return (await readFile(marker, "utf8")).trim() === version;
}

async function install(): Promise<void> {
  const command = [path.join(root, "node_modules/sst/bin/sst.mjs"), "install", "--stage", "test"];
  const child = spawn(process.execPath, command, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      // What it would check or fetch otherwise (Pulumi's engine, Bun) serves a deploy only.
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_NO_BUN: "1",
      SST_TELEMETRY_DISABLED: "1",
      // Without a network, npm's own patience would be many minutes.
      npm_config_fetch_retries: "1",
      npm_config_fetch_retry_mintimeout: "1000",
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new Error(`"sst install" ended with ${code}; check the network and run again:\n${said}`);
}

if (import.meta.main)
  try {
    await ensureSstPlatform();
  } catch (error) {
    process.stderr.write(`zenode: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
