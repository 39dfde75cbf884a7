import * as z from "zod";
import type { Change } from "../changes/change-bus.ts";
import { isFileOf } from "../resource/file-uri.ts";
import { MAX_WATCHED_URI } from "./resources.ts";

/** Things one stream may name: each task and each topic is a tail of its own. */
const MAX_TASKS = 50;
const MAX_RESOURCES = 100;

export const FILTER = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string().max(MAX_WATCHED_URI)).max(MAX_RESOURCES).optional(),
  taskIds: z.array(z.string()).max(MAX_TASKS).optional(),
});

export type ListenFilter = z.infer<typeof FILTER>;

/** The list that a change is one of, if the filter asks for it. */
export function changedList({ kind }: Change, filter: ListenFilter): string | undefined {
  const wanted =
    (kind === "tools" && filter.toolsListChanged) ||
    (kind === "prompts" && filter.promptsListChanged) ||
    (kind === "resources" && filter.resourcesListChanged);
  return wanted ? `notifications/${kind}/list_changed` : undefined;
}

/** The resources of the filter that a change may have touched. */
export function touchedBy(change: Change, filter: ListenFilter): readonly string[] {
  const { resourceSubscriptions = [] } = filter;
  if (change.kind === "resource") return resourceSubscriptions.filter((uri) => uri === change.uri);
  if (change.kind !== "project") return [];
  return resourceSubscriptions.filter((uri) => isFileOf(change.project, uri));
}
