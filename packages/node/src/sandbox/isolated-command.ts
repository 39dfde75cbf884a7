import path from "node:path";
import type { Command, Isolation, SandboxedCommand, SandboxLimits } from "@zenode/core";
import { INSIDE, NAMESPACE_SCRIPT } from "./namespace-script.ts";
import type { SandboxPlace } from "./place.ts";

/** All it takes to start a command in one of the ways there are. */
export interface IsolatedCommand {
  readonly place: SandboxPlace;
  readonly command: SandboxedCommand;
  readonly limits: SandboxLimits;
  /** Whom it runs as; absent: as the worker itself. */
  readonly user?: number;
  /** Threads of the worker's own user: the kernel counts them against the limit of a command that runs as it. */
  readonly others: number;
}

/** As a container's shell has it. */
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/**
 * Of writable memory that one process reserves and does not use, as V8 does: what it uses is what `watchLimits` looks at.
 * This bounds what it can take between two looks.
 */
const RESERVED_BYTES = 2 * 1024 ** 3;
/** No file is larger: a project takes none over 64 MiB. */
const FILE_BYTES = 4 * 1024 ** 3;
const OPEN_FILES = 4096;

/** The programs are util-linux's; each replaces itself with the next one, the last with the command. */
export function toIsolatedCommand(isolation: Isolation, order: IsolatedCommand): Command {
  return isolation === "namespaces" ? inNamespaces(order) : besideOthers(order);
}

function besideOthers(order: IsolatedCommand): Command {
  const { place, command, user } = order;
  const drop = user === undefined ? [] : toUser(user);
  const own = { home: place.home, temporary: place.temporary, nodeBin: nodeBin() };
  const safe = ["--no-new-privs", "--pdeathsig", "KILL", "--"];
  return {
    file: "/usr/bin/setpriv",
    args: [...drop, ...safe, ...limited(order, toEnvironment(command, own))],
    folder: path.join(place.projects, command.project, command.folder),
    environment: { PATH: SYSTEM_PATH },
  };
}

function inNamespaces(order: IsolatedCommand): Command {
  const { place, command, user } = order;
  const kinds = ["--mount", "--net", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  const own = user === undefined ? ["--user", "--map-root-user"] : [];
  const given = [
    place.mount,
    path.join(place.projects, command.project),
    place.home,
    place.temporary,
    path.dirname(nodeBin()),
    user === undefined ? "" : String(user),
    command.folder,
  ];
  const script = ["/bin/sh", "-c", NAMESPACE_SCRIPT, "sandbox", ...given];
  return {
    file: "/usr/bin/setpriv",
    args: [
      ...["--pdeathsig", "KILL", "--", "/usr/bin/unshare", ...kinds, ...own, "--", ...script],
      ...limited(order, toEnvironment(command, INSIDE)),
    ],
    folder: place.root,
    environment: { PATH: SYSTEM_PATH },
  };
}

function toUser(user: number): readonly string[] {
  return ["--reuid", String(user), "--regid", String(user), "--clear-groups"];
}

/** `command`'s variables come last and are nobody's but its own: what starts it never sees them. */
function limited(order: IsolatedCommand, environment: readonly string[]): readonly string[] {
  const { limits, others, command, user } = order;
  const memory = `--data=${limits.memoryBytes + RESERVED_BYTES}`;
  const processes = `--nproc=${limits.processes + (user === undefined ? others : 0)}`;
  const files = [`--fsize=${FILE_BYTES}`, `--nofile=${OPEN_FILES}`, "--core=0"];
  const first = ["/usr/bin/prlimit", memory, processes, ...files, "--", "/usr/bin/env"];
  return [...first, ...environment, command.file, ...command.args];
}

function toEnvironment(
  { environment }: SandboxedCommand,
  own: { readonly home: string; readonly temporary: string; readonly nodeBin: string },
): readonly string[] {
  const all = {
    HOME: own.home,
    TMPDIR: own.temporary,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    TERM: "dumb",
    ...environment,
    PATH: [environment.PATH, own.nodeBin, SYSTEM_PATH].filter(Boolean).join(":"),
  };
  return Object.entries(all).map(([name, value]) => `${name}=${value}`);
}

function nodeBin(): string {
  return path.dirname(process.execPath);
}
