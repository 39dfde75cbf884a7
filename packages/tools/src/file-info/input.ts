import type { OutputOf } from "@zenode/core";
import * as z from "zod";
import { pathArgument, projectArgument } from "../project/arguments.ts";

export const input = z.object({ project: projectArgument, path: pathArgument });

export type FileInfoInput = OutputOf<typeof input>;
