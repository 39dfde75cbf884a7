import type { ArgsDef } from "citty";
import { commonArgs } from "./arguments.ts";

/** What every command on a folder and a project takes. */
export const folderArgs = {
  folder: { type: "positional", description: "The folder", required: false, default: "." },
  project: {
    type: "string",
    description: "Name of the project; absent: the folder's",
    valueHint: "NAME",
  },
  ...commonArgs,
} as const satisfies ArgsDef;

export const messageArg = {
  type: "string",
  description: "What the snapshot is",
  default: "push",
} as const;
