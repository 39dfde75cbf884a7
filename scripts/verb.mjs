// `npm test` and the other verbs: installs what is missing, then runs scripts/<verb>.ts on Node 24.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { ensureInstalled, nodeBinary, root } from "./bootstrap.mjs";

const [verb, ...rest] = process.argv.slice(2);
if (!/^[a-z]+$/.test(verb ?? "")) {
  process.stderr.write("usage: node scripts/verb.mjs <verb> [arguments]\n");
  process.exit(2);
}
ensureInstalled();
const script = path.join(root, "scripts", `${verb}.ts`);
const node = nodeBinary();
const env = {
  ...process.env,
  PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ""}`,
};
const done = spawnSync(node, ["--disable-warning=ExperimentalWarning", script, ...rest], {
  cwd: root,
  stdio: "inherit",
  env,
});
process.exit(done.status ?? 1);
