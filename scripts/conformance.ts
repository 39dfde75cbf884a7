import { spawn } from "node:child_process";
import { once } from "node:events";
import { startConformancePath } from "../tests/conformance/local-path.ts";
import { root } from "./steps.ts";

/** MCP's conformance suite against the whole local path; words given are passed on (see --help). */
const words = process.argv.slice(2);
const local = await startConformancePath();
try {
  const runner = [
    "tests/conformance/run.ts",
    "--url",
    local.mcpUrl,
    "--header",
    `Authorization: Bearer ${await local.token()}`,
    ...words,
  ];
  const child = spawn(process.execPath, runner, { cwd: root, stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await local.close();
}
