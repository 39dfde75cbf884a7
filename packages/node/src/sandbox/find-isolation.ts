import { access, readFile } from "node:fs/promises";
import { type Isolation, RefusedError } from "@zenode/core";
import { CallProcesses } from "../call-processes.ts";
import { type IsolatedCommand, toIsolatedCommand } from "./isolated-command.ts";

/** capabilities(7). */
const CAP_SETUID = 7;
const CAP_SYS_ADMIN = 21;
const TRUE = { project: "", folder: "", file: "/bin/true", args: [], environment: {} } as const;

export interface IsolationNeeds {
  readonly order: Omit<IsolatedCommand, "command" | "user">;
  /** Who a command runs as where the worker may change users. */
  readonly user: number;
  /** Those that will do, the best first. */
  readonly ways: readonly Isolation[];
}

/** A way to run commands here, and whom they run as; absent: as the worker. */
export interface FoundIsolation {
  readonly isolation: Isolation;
  readonly user?: number;
}

/**
 * The first way that this machine has, tried out: kernels, containers and distributions forbid what they like.
 * @throws RefusedError `unavailable` when it has none of them.
 */
export async function findIsolation({
  order,
  user,
  ways,
}: IsolationNeeds): Promise<FoundIsolation> {
  const capabilities = await effectiveCapabilities();
  const maySwitch = has(capabilities, CAP_SETUID);
  for (const isolation of ways) {
    if (isolation === "user" && !maySwitch) continue;
    // Without the right to make them as root they are made in a user namespace, where there is one user.
    const switches = isolation === "namespaces" ? has(capabilities, CAP_SYS_ADMIN) : maySwitch;
    const found = { isolation, ...(isolation !== "none" && switches && { user }) };
    if (await works(found, order)) return found;
  }
  throw new RefusedError(
    "unavailable",
    "This server can't keep a command apart from itself, so it runs none. Its operator finds what is needed in docs/design/sandbox.md.",
  );
}

async function works(
  { isolation, user }: FoundIsolation,
  order: Omit<IsolatedCommand, "command" | "user">,
): Promise<boolean> {
  const command = toIsolatedCommand(isolation, {
    ...order,
    command: TRUE,
    ...(user !== undefined && { user }),
  });
  if (!(await exists(command.file))) return false;
  const processes = new CallProcesses();
  const { ended, stdout, stderr } = processes.start(command);
  const [end] = await Promise.all([ended, drain(stdout), drain(stderr)]);
  await processes.end();
  return end.code === 0;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of output);
}

async function effectiveCapabilities(): Promise<bigint> {
  const status = await readFile("/proc/self/status", "utf8");
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
}

function has(capabilities: bigint, capability: number): boolean {
  return (capabilities & (1n << BigInt(capability))) !== 0n;
}
