import { mkdir } from "node:fs/promises";
import path from "node:path";
import { SECOND } from "@zenode/core";
import { defineCommand } from "citty";
import { folderArgs } from "../connection/folder-arguments.ts";
import { findTarget } from "../connection/target.ts";
import { FolderSync, projectOf } from "../sync/folder-sync.ts";
import { type WatchEvent, watchFolder } from "../sync/watch-folder.ts";
import { CliError } from "../terminal/cli-error.ts";
import { someOf } from "../terminal/listing.ts";

export const watch = defineCommand({
  meta: {
    name: "watch",
    description:
      "Keep a folder and its project equal until Ctrl-C; conflicts are kept on both sides",
  },
  args: {
    ...folderArgs,
    poll: {
      type: "string",
      description: "Seconds between two looks at the project (five times that when all is quiet)",
      valueHint: "SECONDS",
      default: "2",
    },
  },
  async run({ args }) {
    const target = findTarget(args);
    const pollMs = parsePoll(args.poll);
    const project = projectOf(args.folder, args.project);
    await mkdir(path.resolve(args.folder), { recursive: true });
    const sync = await FolderSync.open(target, args.folder, project);
    const lock = sync.memory.lock();
    const stop = new AbortController();
    // A terminal's Ctrl-C arrives twice: by itself, and from the launcher.
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort());
    const tell = (event: WatchEvent) =>
      console.log(args.json ? JSON.stringify(event) : toLine(project, event));
    try {
      await watchFolder(sync, { pollMs, signal: stop.signal, tell });
    } finally {
      lock.release();
    }
  },
});

function parsePoll(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds >= 0.2 && seconds <= 3_600) return seconds * SECOND;
  throw new CliError(`--poll takes seconds between 0.2 and 3600, not ${text}.`);
}

function toLine(project: string, event: WatchEvent): string {
  switch (event.event) {
    case "ready": {
      const how = event.watched ? "" : " (no watches left on this system: every 2 s)";
      return `watching; ${project} is at snapshot ${event.snapshot}${how}. Ctrl-C ends it.`;
    }
    case "pushed":
      return `pushed snapshot ${event.snapshot}: ${someOf(event.paths)} (${event.ms} ms)`;
    case "pulled": {
      const paths = [...event.written, ...event.removed];
      return `pulled snapshot ${event.snapshot} by ${event.author}: ${someOf(paths)} (${event.ms} ms)`;
    }
    case "conflict": {
      const theirs = event.copy === undefined ? "it was deleted there" : `theirs is ${event.copy}`;
      return `conflict: ${event.path} changed on both sides; yours stays, ${theirs}`;
    }
    case "left_out":
      return `left out ${event.path}: ${event.reason}`;
    case "trouble":
      return `${event.message} It is tried again.`;
  }
}
