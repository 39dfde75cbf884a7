import * as z from "zod";
import type { Change } from "../changes/change-bus.ts";

/** Things one stream may name: each task and each topic is a tail of its own. */
const MAX_TASKS = 50;
const MAX_RESOURCES = 500;

export const FILTER = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string()).max(MAX_RESOURCES).optional(),
  taskIds: z.array(z.string()).max(MAX_TASKS).optional(),
});

export type ListenFilter = z.infer<typeof FILTER>;

/** The notifications a change means to a stream with this filter. */
export function toNotifications(
  change: Change,
  filter: ListenFilter,
): readonly { readonly method: string; readonly params: object }[] {
  const listed = (wanted: boolean | undefined) =>
    wanted ? [{ method: `notifications/${change.kind}/list_changed`, params: {} }] : [];
  switch (change.kind) {
    case "tools":
      return listed(filter.toolsListChanged);
    case "prompts":
      return listed(filter.promptsListChanged);
    case "resources":
      return listed(filter.resourcesListChanged);
    case "project":
      return toUpdates(filter, (uri) => uri.startsWith(`zenode://${change.project}/`));
    case "resource":
      return toUpdates(filter, (uri) => uri === change.uri);
  }
}

function toUpdates(
  { resourceSubscriptions = [] }: ListenFilter,
  isMeant: (uri: string) => boolean,
) {
  return resourceSubscriptions
    .filter(isMeant)
    .map((uri) => ({ method: "notifications/resources/updated", params: { uri } }));
}
