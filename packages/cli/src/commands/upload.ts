import { lstatSync, realpathSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  joinPath,
  KeptContents,
  type Leaf,
  parsePath,
  pushChanges,
  RemoteProject,
  readLeaves,
  type SourceFile,
  sift,
  toOffer,
} from "@zenode/core";
import { nodeCodec } from "@zenode/node";
import { defineCommand } from "citty";
import { apiTransport } from "../connection/api-transport.ts";
import { commonArgs } from "../connection/arguments.ts";
import { findTarget } from "../connection/target.ts";
import { FolderMemory } from "../sync/folder-memory.ts";
import { CliError } from "../terminal/cli-error.ts";
import { megabytes, someOf } from "../terminal/listing.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

type LocalFile = Extract<SourceFile, { readonly kind: "file" }>;

export const upload = defineCommand({
  meta: { name: "upload", description: "Put single files into a project: zenode upload FILE…" },
  args: {
    file: { type: "positional", description: "The files", required: true },
    project: {
      type: "string",
      description: "Name of the project",
      valueHint: "NAME",
      required: true,
    },
    to: { type: "string", description: "Directory in the project", valueHint: "DIR", default: "" },
    replace: { type: "boolean", description: "Replace files that are there", default: false },
    message: { type: "string", description: "What the snapshot is", default: "upload" },
    ...commonArgs,
  },
  async run({ args }) {
    const { project, message } = args;
    const target = findTarget(args);
    const files = openFiles(args._, args.to.replace(/\/$/, ""));
    const transport = apiTransport(target);
    const remote = new RemoteProject({ project, transport: transport.pull, codec: nodeCodec });
    const base = args.replace ? await readThere(remote, files) : new Map<string, Leaf>();
    const kept = new KeptContents();
    const memory = await FolderMemory.of(target, project, realpathSync("."));
    const line = new ProgressLine(process.stderr);
    try {
      const outcome = await pushChanges({
        ...{ project, message, base, remote, codec: nodeCodec },
        local: await hashAll(files, kept),
        offer: (at, leaf) => toOffer(files.get(at) as LocalFile, leaf, nodeCodec, kept),
        transport: transport.push,
        journal: memory.journal,
        onProgress: ({ phase, files: done, totalFiles, bytes }) =>
          line.show(done, totalFiles, `${phase} ${megabytes(bytes)}`),
      });
      line.end();
      if (outcome.kind === "conflict") {
        throw new CliError(
          `${someOf(outcome.conflicts)} lies in ${project} already (snapshot ${outcome.head}) and is different. Nothing was uploaded. To replace it: --replace`,
        );
      }
      const { kind, snapshot, changed } = outcome;
      const text = `${project} ${kind === "unchanged" ? "unchanged at" : "is now at"} snapshot ${snapshot}: ${someOf(changed) || "nothing new"}.`;
      console.log(args.json ? JSON.stringify({ project, ...outcome }) : text);
    } finally {
      line.end();
    }
  },
});

/** By their paths in the project. @throws CliError. */
function openFiles(names: readonly string[], to: string): ReadonlyMap<string, LocalFile> {
  const files = new Map<string, LocalFile>();
  for (const name of names) {
    const absolute = path.resolve(name);
    const facts = lstatSync(absolute, { throwIfNoEntry: false }) && statSync(absolute);
    if (!facts?.isFile()) throw new CliError(`${name} is no file. For a folder: zenode push`);
    const at = parsePath(joinPath(parsePath(to), path.basename(absolute)));
    if (files.has(at)) throw new CliError(`Two of the files would be ${at} in the project.`);
    const executable = (facts.mode & 0o100) !== 0;
    const read = () => readFile(absolute);
    files.set(at, { kind: "file", path: at, bytes: facts.size, executable, read });
  }
  const [fault] = sift([...files.values()]).skipped;
  if (fault) throw new CliError(`${fault.path} can't be uploaded: ${fault.reason}`);
  return files;
}

async function hashAll(
  files: ReadonlyMap<string, LocalFile>,
  kept: KeptContents,
): Promise<ReadonlyMap<string, Leaf>> {
  const leaves = new Map<string, Leaf>();
  for (const [at, { executable, read }] of files) {
    const content = await read();
    const blob = nodeCodec.sha256(content);
    kept.keep(blob, content);
    leaves.set(at, { kind: "file", executable, blob, bytes: content.length });
  }
  return leaves;
}

/** What lies at the files' paths now: that and nothing else is replaced. */
async function readThere(
  remote: RemoteProject,
  files: ReadonlyMap<string, LocalFile>,
): Promise<ReadonlyMap<string, Leaf>> {
  const head = await remote.open();
  const leaves = head ? await readLeaves(head) : new Map<string, Leaf>();
  return new Map([...leaves].filter(([at]) => files.has(at)));
}
