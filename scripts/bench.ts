import { parseArgs } from "node:util";
import { type Section, toText } from "../tests/bench/report.ts";
import { PARTS, type Part, runParts } from "../tests/bench/run.ts";

const NAMES = Object.keys(PARTS) as Part[];

const USAGE = `usage: npm run bench -- [options] [part …]
  parts    ${NAMES.join(", ")} (default: all)
  --json   the sections as JSON
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const unknown = positionals.filter((word) => !(word in PARTS));
if (values.help || unknown.length > 0) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  const wanted = NAMES.filter((name) => positionals.length === 0 || positionals.includes(name));
  const sections: Section[] = [];
  for await (const section of runParts(wanted)) {
    sections.push(section);
    if (!values.json) process.stdout.write(`${toText(section)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(sections, null, 2)}\n`);
}
