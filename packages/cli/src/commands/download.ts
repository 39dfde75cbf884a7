import { mkdir } from "node:fs/promises";
import path from "node:path";
import {
  type FileEntry,
  type Leaf,
  type LinkEntry,
  leavesTree,
  parsePath,
  planPull,
  RemoteProject,
  type RemoteSnapshot,
} from "@zenode/core";
import { FolderScan, nodeCodec, updateFolder, viewFolder } from "@zenode/node";
import { defineCommand } from "citty";
import { apiTransport } from "../connection/api-transport.ts";
import { commonArgs } from "../connection/arguments.ts";
import { findTarget } from "../connection/target.ts";
import { realFolder } from "../sync/folder-sync.ts";
import { CliError } from "../terminal/cli-error.ts";
import { count, megabytes, someOf } from "../terminal/listing.ts";
import { ProgressLine } from "../terminal/progress-line.ts";

export const download = defineCommand({
  meta: {
    name: "download",
    description: "Take files or directories out of a project: zenode download PATH…",
  },
  args: {
    path: { type: "positional", description: "Paths in the project", required: true },
    project: {
      type: "string",
      description: "Name of the project",
      valueHint: "NAME",
      required: true,
    },
    to: { type: "string", description: "Folder to put them into", valueHint: "DIR", default: "." },
    replace: { type: "boolean", description: "Replace files that are there", default: false },
    ...commonArgs,
  },
  async run({ args }) {
    const { project } = args;
    const transport = apiTransport(findTarget(args)).pull;
    const remote = new RemoteProject({ project, transport, codec: nodeCodec });
    const head = await remote.open();
    if (!head) throw new CliError(`There is no project ${project}.`);
    const wanted = await chooseLeaves(head, args._);
    await mkdir(path.resolve(args.to), { recursive: true });
    const line = new ProgressLine(process.stderr);
    try {
      const outcome = await write(head, wanted, {
        root: realFolder(args.to),
        replace: args.replace,
        onProgress: (done, total, bytes) =>
          line.show(done, total, `writing ${done} of ${total}, ${megabytes(bytes)}`),
      });
      line.end();
      const { snapshot } = head.facts;
      const { received } = remote;
      const report = { project, snapshot, files: wanted.size, ...outcome, received };
      const text = `${project} snapshot ${snapshot}: ${count(wanted.size, "file")}, ${outcome.written.length} of them new here (received ${megabytes(received.bytes)}).`;
      console.log(args.json ? JSON.stringify(report) : text);
    } finally {
      line.end();
    }
  },
});

/** What the paths name, by where it is to lie: below the last name of each path. @throws CliError. */
async function chooseLeaves(
  { snapshot }: RemoteSnapshot,
  asked: readonly string[],
): Promise<ReadonlyMap<string, Leaf>> {
  const leaves = new Map<string, Leaf>();
  const add = (at: string, leaf: Leaf) => {
    if (leaves.has(at)) throw new CliError(`Two of the paths would be ${at} here.`);
    if (leaf.kind === "link" && leavesTree(at, leaf.target)) {
      throw new CliError(
        `${at} is a link to ${leaf.target}, which would lead out of the folder here.`,
      );
    }
    leaves.set(parsePath(at), leaf);
  };
  for (const text of asked) {
    const from = parsePath(text.replace(/\/$/, "").replace(/^\.$/, ""));
    const entry = await snapshot.entry(from);
    const cut = from.length - path.posix.basename(from).length;
    if (entry.kind !== "directory") add(entry.path.slice(cut), toLeaf(entry));
    else for await (const one of snapshot.walk(from)) add(one.path.slice(cut), toLeaf(one));
  }
  return leaves;
}

/** Without the path that it has in the project. */
function toLeaf({ path: _, ...leaf }: FileEntry | LinkEntry): Leaf {
  return leaf;
}

interface WriteOrder {
  readonly root: string;
  readonly replace: boolean;
  readonly onProgress: (done: number, total: number, bytes: number) => void;
}

/** Files that are here already are not fetched: a download that was cut goes on. @throws CliError. */
async function write(
  { snapshot, facts }: RemoteSnapshot,
  wanted: ReadonlyMap<string, Leaf>,
  { root, replace, onProgress }: WriteOrder,
) {
  const view = await viewFolder(new FolderScan(root), {
    known: new Map(),
    tracked: wanted.keys(),
    now: Date.now,
  });
  const base = new Map<string, Leaf>();
  for (const [at, leaf] of view.local) if (replace && leaf !== "foreign") base.set(at, leaf);
  const plan = planPull({ base, local: view.local, remote: wanted, snapshot: facts.snapshot });
  if (plan.conflicts.length > 0) {
    const paths = someOf(plan.conflicts.map((conflict) => conflict.path));
    throw new CliError(
      `${paths} is here already and different. Nothing was written. To replace it: --replace`,
    );
  }
  const { written, late, impossible } = await updateFolder({
    ...{ root, plan, view, onProgress },
    fetch: (files, held) => snapshot.readMany(files, held),
  });
  const [left] = [...late, ...impossible.map((one) => one.path)];
  if (left === undefined) return { written };
  throw new CliError(`${left} can't be written: something else is in its place.`);
}
