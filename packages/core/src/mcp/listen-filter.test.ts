import { expect, test } from "vitest";
import type { Change } from "../changes/change-bus.ts";
import { type ListenFilter, toNotifications } from "./listen-filter.ts";

const ALL: ListenFilter = {
  toolsListChanged: true,
  promptsListChanged: true,
  resourcesListChanged: true,
  resourceSubscriptions: [
    "zenode://demo/a.ts",
    "zenode://demo/b.ts",
    "zenode://demo2/a.ts",
    "x://y",
  ],
};

const UPDATED = "notifications/resources/updated";

test.each<[Change, readonly unknown[]]>([
  [{ kind: "tools" }, [{ method: "notifications/tools/list_changed", params: {} }]],
  [{ kind: "prompts" }, [{ method: "notifications/prompts/list_changed", params: {} }]],
  [{ kind: "resources" }, [{ method: "notifications/resources/list_changed", params: {} }]],
  [
    { kind: "project", project: "demo" },
    [
      { method: UPDATED, params: { uri: "zenode://demo/a.ts" } },
      { method: UPDATED, params: { uri: "zenode://demo/b.ts" } },
    ],
  ],
  [{ kind: "resource", uri: "x://y" }, [{ method: UPDATED, params: { uri: "x://y" } }]],
  [{ kind: "resource", uri: "x://z" }, []],
])("%j", (change, expected) => {
  expect(toNotifications(change, ALL)).toEqual(expected);
  expect(toNotifications(change, {})).toEqual([]);
});
