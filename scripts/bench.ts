import { parseArgs } from "node:util";
import { type Section, toText } from "../tests/bench/report.ts";
import { PARTS, type Part, runParts } from "../tests/bench/run.ts";
import { SIZES } from "../tests/bench/workspace/workspace.ts";

const NAMES = Object.keys(PARTS) as Part[];

const USAGE = `usage: npm run bench -- [options] [part …]
  parts      ${NAMES.join(", ")} (default: all)
  --sizes N,N  files of the trees of workspace (default: ${SIZES.join(",")})
  --json     the sections as JSON
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: "string", default: SIZES.join(",") },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const unknown = positionals.filter((word) => !(word in PARTS));
const sizes = values.sizes.split(",").map(Number);
const isWrong =
  unknown.length > 0 || sizes.some((size) => !(Number.isInteger(size) && size >= 100));
if (values.help || isWrong) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const wanted = NAMES.filter((name) => positionals.length === 0 || positionals.includes(name));
  const sections: Section[] = [];
  for await (const section of runParts(wanted, { sizes })) {
    sections.push(section);
    if (!values.json) process.stdout.write(`${toText(section)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(sections, null, 2)}\n`);
}
