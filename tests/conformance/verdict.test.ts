import { describe, expect, test } from "vitest";
import { parseExpectedFailures } from "./expected-failures.ts";
import { judge } from "./verdict.ts";

const passing = (scenario: string) => ({ scenario, passed: 2, failures: [] });
const failing = (scenario: string) => ({ scenario, passed: 1, failures: ["WARNING x: y"] });

describe("a verdict", () => {
  test("counts checks and finds what nobody expected", () => {
    const verdict = judge("2025-11-25", [passing("ping"), failing("tools-list")], new Map());
    expect([verdict.passed, verdict.failed]).toEqual([3, 1]);
    expect(verdict.unexpected.map(({ scenario }) => scenario)).toEqual(["tools-list"]);
  });

  test("a listed failure is expected; one that passes or is not run is stale", () => {
    const listed = new Map([
      ["tools-list", "why"],
      ["ping", "why"],
      ["gone", "why"],
    ]);
    const verdict = judge("2025-11-25", [passing("ping"), failing("tools-list")], listed);
    expect(verdict.expected.map(({ scenario }) => scenario)).toEqual(["tools-list"]);
    expect(verdict.unexpected).toEqual([]);
    expect(verdict.stale).toEqual(["ping", "gone"]);
  });
});

describe("the list of expected failures", () => {
  test("is two levels of YAML with comments", () => {
    const text = "# why\n\n2026-07-28:\n  tasks-x: not yet: later\n2025-11-25:\n";
    expect(parseExpectedFailures(text)).toEqual(
      new Map([
        ["2026-07-28", new Map([["tasks-x", "not yet: later"]])],
        ["2025-11-25", new Map()],
      ]),
    );
  });

  test.each(["  orphan: reason", "set:\n  scenario:", "set:\n   deep: reason", "set: value"])(
    "refuses %j",
    (text) => {
      expect(() => parseExpectedFailures(text)).toThrow("expected-failures.yaml, line");
    },
  );
});
