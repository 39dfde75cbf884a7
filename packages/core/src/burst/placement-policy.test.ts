import fc from "fast-check";
import { expect, test } from "vitest";
import { SECOND } from "../lib/duration.ts";
import type { Placement } from "../tool/define-tool.ts";
import type { ToolContext } from "../tool/tool-context.ts";
import { type Expectation, learnt, place } from "./placement-policy.ts";

const BOUNDS = { timeoutMs: SECOND, hereMs: 20 * SECOND, tenant: "t-a", tool: "search_files" };

function weighing(ms: number): Placement<unknown> {
  return { kind: "auto", weigh: async () => ms };
}

async function placed(placement: Placement<unknown>, { factor = 1, left = 900 * SECOND } = {}) {
  let reads = 0;
  const history = {
    factor: async () => {
      reads += 1;
      return factor;
    },
  };
  const context = { deadline: left, clock: { now: () => 0 } } as unknown as ToolContext;
  const { where } = await place(placement, {}, context, BOUNDS, history);
  return [where, reads];
}

test.each([
  ["fits", weighing(5 * SECOND), {}, ["lambda", 1]],
  ["is more than fits safely", weighing(5 * SECOND + 1), {}, ["fargate", 1]],
  ["took longer than expected before", weighing(2 * SECOND), { factor: 3 }, ["fargate", 1]],
  ["took less than expected before", weighing(9 * SECOND), { factor: 0.5 }, ["lambda", 1]],
  ["is small whatever happened before", weighing(300), { factor: 16 }, ["lambda", 0]],
  ["is large whatever happened before", weighing(41 * SECOND), { factor: 0.1 }, ["fargate", 0]],
  ["has less time here than its limit", weighing(0), { left: 900 }, ["fargate", 0]],
  ["is always here", { kind: "lambda" }, {}, ["lambda", 0]],
  ["is always on a worker", { kind: "fargate" }, {}, ["fargate", 0]],
] as const)("a call that %s", async (_, placement, setting, expected) => {
  expect(await placed(placement, setting)).toEqual(expected);
});

const expected: Expectation = { weighedMs: 2 * SECOND, factor: 1 };

test.each([
  ["as long as expected", { tookMs: 2_000, outgrew: false }, undefined],
  ["nearly twice as long", { tookMs: 3_999, outgrew: false }, undefined],
  ["four times as long", { tookMs: 8_000, outgrew: false }, 2],
  ["a quarter of it", { tookMs: 500, outgrew: false }, 0.5],
  ["longer than there was time", { tookMs: 10_000, outgrew: true }, 10],
  ["no longer than expected, and did not end", { tookMs: 2_000, outgrew: true }, 2],
  ["for ages", { tookMs: 900_000, outgrew: true }, 16],
])("a call that took %s", (_, experience, factor) => {
  expect(learnt(expected, experience)).toBe(factor);
});

test("a short call teaches nothing", () => {
  const short = { weighedMs: 200, factor: 1 };
  expect(learnt(short, { tookMs: 900, outgrew: false })).toBeUndefined();
});

test("whatever a tool's true speed, what it weighs is right within a factor of two after few calls", () => {
  const speed = fc.double({ min: 0.13, max: 15.5, noNaN: true });
  fc.assert(
    fc.property(speed, fc.integer({ min: 4_000, max: 40_000 }), (truth, weighedMs) => {
      let factor = 1;
      let writes = 0;
      for (let call = 0; call < 20; call += 1) {
        const next = learnt({ weighedMs, factor }, { tookMs: weighedMs * truth, outgrew: false });
        if (next === undefined) break;
        factor = next;
        writes += 1;
      }
      expect(writes).toBeLessThanOrEqual(4);
      expect(truth / factor).toBeGreaterThanOrEqual(0.49);
      expect(truth / factor).toBeLessThanOrEqual(2.01);
    }),
  );
});
