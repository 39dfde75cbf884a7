import { expect, test } from "vitest";
import type { RouteTemplate } from "../template.ts";
import { RouteTable } from "./route-table.ts";

function tableOf(...paths: string[]): RouteTable {
  const route = { method: "ANY", functionName: "f", streaming: true } as const;
  return new RouteTable(paths.map((path): RouteTemplate => ({ ...route, path })));
}

test("static segments win over parameters, parameters over greedy ones", () => {
  const table = tableOf("/{proxy+}", "/a/{x}/c", "/a/b/{y}", "/a/b/c", "/{x}");
  const resource = (path: string) => table.match("GET", path)?.route.path;
  expect(resource("/a/b/c")).toBe("/a/b/c");
  expect(resource("/a/b/d")).toBe("/a/b/{y}");
  expect(resource("/a/z/c")).toBe("/a/{x}/c");
  expect(resource("/a/z/d")).toBe("/{proxy+}");
  expect(resource("/a")).toBe("/{x}");
});

test("a greedy parameter needs a segment and takes them all", () => {
  const table = tableOf("/api/{proxy+}");
  expect(table.match("GET", "/api")).toBeUndefined();
  expect(table.match("GET", "/api/")).toBeUndefined();
  expect(table.match("GET", "/api/a/b%20c")?.pathParameters).toEqual({ proxy: "a/b c" });
});

test("parameters are decoded; a malformed escape stays", () => {
  const table = tableOf("/{id}");
  expect(table.match("GET", "/a%2Fb")?.pathParameters).toEqual({ id: "a/b" });
  expect(table.match("GET", "/%zz")?.pathParameters).toEqual({ id: "%zz" });
});

test("the root is a resource of its own", () => {
  expect(tableOf("/").match("GET", "/")?.pathParameters).toBeNull();
  expect(tableOf("/").match("GET", "/a")).toBeUndefined();
  expect(tableOf("/{proxy+}").match("GET", "/")).toBeUndefined();
});

test("a resource that lacks the method hides the less specific ones", () => {
  const table = new RouteTable([
    { method: "GET", path: "/a", functionName: "f", streaming: true },
    { method: "ANY", path: "/{proxy+}", functionName: "f", streaming: true },
  ]);
  expect(table.match("GET", "/a")?.route.path).toBe("/a");
  expect(table.match("POST", "/a")).toBeUndefined();
});
