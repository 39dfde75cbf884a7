#!/usr/bin/env node
import { spawn } from "node:child_process";
import path from "node:path";
import { ensureInstalled, nodeBinary, root } from "../../../scripts/bootstrap.mjs";

ensureInstalled();
const command = path.join(root, "packages", "cli", "bin", "command.mjs");
const child = spawn(
  nodeBinary(),
  ["--disable-warning=ExperimentalWarning", command, ...process.argv.slice(2)],
  { stdio: "inherit" },
);

// A terminal's Ctrl-C reaches the child by itself; a signal to this process alone is passed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 128 : (code ?? 1)));
