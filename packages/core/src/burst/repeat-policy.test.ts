import { expect, test } from "vitest";
import { failure, text } from "../tool/tool-result.ts";
import type { JobOutcome } from "./job.ts";
import { answersAgain, REPEAT_MS } from "./repeat-policy.ts";

const result: JobOutcome = { kind: "result", result: text("41 files") };
const ended = { state: "completed", basis: "b", outcome: result, updatedAt: 1_000 } as const;

test.each([
  ["that went well just now", {}, true],
  ["that went well on something else", { basis: "other" }, false],
  ["that still runs", { state: "running" }, false],
  ["whose tool failed", { outcome: { kind: "result", result: failure("no") } }, false],
  ["that the platform failed", { outcome: { kind: "error", code: "x", message: "m" } }, false],
  ["that was cancelled", { state: "cancelled" }, false],
  ["that ended long ago", { updatedAt: 1_000 - REPEAT_MS }, false],
] as const)("a job %s", (_, change, answers) => {
  expect(answersAgain({ ...ended, ...change }, { basis: "b" }, 1_000)).toBe(answers);
});

test("a job of a tool that does not say what it depends on answers nothing again", () => {
  const { basis: _, ...without } = ended;
  expect(answersAgain(without, {}, 1_000)).toBe(false);
});
