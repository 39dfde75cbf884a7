import type { DynamoTable } from "@zenode/aws";
import { DynamoDueProjects, DynamoUsageStore } from "@zenode/aws/storage";
import type { Principal, Projects, Transfers } from "@zenode/core";
import type { PullServiceOptions, PushServiceOptions } from "@zenode/core/push-pull";
import {
  openWriting,
  StorageAccount,
  type StorageLimits,
  type Writing,
} from "@zenode/core/storage";
import { createApi } from "../http/api.ts";
import type { Handle } from "../http/app.ts";

export interface WritingParts extends PullServiceOptions, Omit<PushServiceOptions, "storage"> {
  readonly table: DynamoTable;
  readonly limits: StorageLimits;
  readonly projects: (principal: Principal) => Projects;
  readonly transfers: (principal: Principal) => Transfers;
}

/** What changes workspaces, and the surface of programs that move files: a process loads it when it is first asked for. */
export interface Writes {
  readonly writing: Writing;
  readonly api: Handle;
}

export function composeWrites({
  table,
  limits,
  projects,
  transfers,
  ...stores
}: WritingParts): Writes {
  const usage = new DynamoUsageStore({ table });
  const due = new DynamoDueProjects({ table });
  const storage = new StorageAccount({ usage, due, limits, ...stores });
  return {
    writing: openWriting({ storage, ...stores }),
    api: createApi({ storage, projects, transfers, ...stores }),
  };
}
