import { RefusedError, type SandboxedCommand } from "@zenode/core";
import type { RunCommandInput } from "./input.ts";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Ours: by one of them a call's processes are found. */
const RESERVED = /^ZENODE_/;

/** @throws RefusedError `invalid_input`. */
export function toProgram({
  command,
  args,
  env = {},
}: RunCommandInput): Pick<SandboxedCommand, "file" | "args" | "environment"> {
  for (const [name, value] of Object.entries(env)) {
    if (VARIABLE.test(name) && !RESERVED.test(name) && !value.includes("\0")) continue;
    throw new RefusedError("invalid_input", `${name} can't be set in env.`);
  }
  if ([command, ...(args ?? [])].some((text) => text.includes("\0"))) {
    throw new RefusedError("invalid_input", "A command has no NUL characters.");
  }
  const environment = env;
  if (!args) return { file: "/bin/sh", args: ["-c", command], environment };
  return { file: "/bin/sh", args: ["-c", 'exec "$0" "$@"', command, ...args], environment };
}
