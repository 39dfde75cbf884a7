import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({
  project: projectArgument,
  source: pathArgument.describe("File, link or directory to move."),
  destination: pathArgument.describe("Its new path; nothing may lie there yet."),
});

export type MoveInput = OutputOf<typeof input>;
