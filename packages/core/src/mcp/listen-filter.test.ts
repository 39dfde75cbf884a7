import { expect, test } from "vitest";
import type { Change } from "../changes/change-bus.ts";
import { changedList, type ListenFilter, touchedBy } from "./listen-filter.ts";

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

test.each<[Change, string | undefined, readonly string[]]>([
  [{ kind: "tools" }, "notifications/tools/list_changed", []],
  [{ kind: "prompts" }, "notifications/prompts/list_changed", []],
  [{ kind: "resources" }, "notifications/resources/list_changed", []],
  [{ kind: "project", project: "demo" }, undefined, ["zenode://demo/a.ts", "zenode://demo/b.ts"]],
  [{ kind: "resource", uri: "x://y" }, undefined, ["x://y"]],
  [{ kind: "resource", uri: "x://z" }, undefined, []],
])("%j", (change, list, touched) => {
  expect(changedList(change, ALL)).toBe(list);
  expect(touchedBy(change, ALL)).toEqual(touched);
  expect(changedList(change, {})).toBeUndefined();
  expect(touchedBy(change, {})).toEqual([]);
});
