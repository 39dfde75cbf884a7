import type { ServerContext } from "@modelcontextprotocol/server";
import { expect, test, vi } from "vitest";
import { Cloud, call, principal, realClock } from "./endpoint-harness.ts";
import type { Exchange } from "./exchange.ts";
import { parseStateKeys, RequestStates, spendInLog } from "./request-state.ts";

const [OLD, NEW, FOREIGN] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));

interface Asking {
  readonly subject?: string;
  readonly method?: string;
  readonly target?: string;
}

/** One request's view of a process with these keys. */
function process(cloud: Cloud, keys: readonly (Uint8Array | undefined)[], asking: Asking = {}) {
  const { subject = "ada", method = "tools/call", target = "confirm" } = asking;
  const exchange: Exchange = {
    era: "modern",
    principal: principal(subject),
    deadline: call().deadline,
    openStream: () => undefined,
    handedOut: () => undefined,
    targetOf: () => target,
  };
  const extra = { subject, tenant: "t-one" };
  const ctx = {
    mcpReq: { id: 1, method },
    http: { authInfo: { clientId: "client-1", extra } },
  } as unknown as ServerContext;
  const known = keys.filter((key) => key !== undefined);
  const states = new RequestStates(known, spendInLog({ log: cloud.log, clock: realClock })).of(
    exchange,
  );
  return { states, ctx };
}

test("every process with the key reads what another has signed", async () => {
  const cloud = new Cloud();
  const here = process(cloud, [NEW]);
  const there = process(cloud, [NEW]);
  const wire = await here.states.mint({ step: 2 }, here.ctx);
  expect(await there.states.verify(wire, there.ctx)).toEqual({ step: 2 });
});

test("keys are replaced one by one: the newest signs, the older are still taken", async () => {
  const cloud = new Cloud();
  const before = process(cloud, [OLD]);
  const between = process(cloud, [NEW, OLD]);
  const after = process(cloud, [NEW]);
  const old = await before.states.mint("old", before.ctx);
  const fresh = await between.states.mint("new", between.ctx);
  expect(await between.states.verify(old, between.ctx)).toBe("old");
  expect(await after.states.verify(fresh, after.ctx)).toBe("new");
  await expect(after.states.verify(old, after.ctx)).rejects.toThrow("mac");
  await expect(before.states.verify(fresh, before.ctx)).rejects.toThrow("mac");
});

test.each([
  ["another key", [FOREIGN], {}, "mac"],
  ["another principal", [NEW], { subject: "bob" }, "bind"],
  ["another method", [NEW], { method: "prompts/get" }, "bind"],
  ["another tool", [NEW], { target: "delete" }, "target"],
] as const)("is refused for %s", async (_, keys, asking, reason) => {
  const cloud = new Cloud();
  const here = process(cloud, [NEW]);
  const there = process(cloud, [...keys], asking);
  const wire = await here.states.mint({}, here.ctx);
  await expect(there.states.verify(wire, there.ctx)).rejects.toThrow(reason);
});

test("a person may take ten minutes to answer a call, and a day to answer a job", async () => {
  const { states, ctx } = process(new Cloud(), [NEW]);
  const [call, job] = [await states.mint("call", ctx), await states.mintForJob("job", ctx)];
  const verifyAfter = (minutes: number, wire: string) => {
    vi.setSystemTime(start + minutes * 60_000);
    return states.verify(wire, ctx);
  };
  vi.useFakeTimers({ toFake: ["Date"] });
  const start = Date.now();
  try {
    await expect(verifyAfter(11, call)).rejects.toThrow("expired");
    expect(await verifyAfter(24 * 60 - 1, job)).toBe("job");
    await expect(verifyAfter(24 * 60 + 1, job)).rejects.toThrow("expired");
  } finally {
    vi.useRealTimers();
  }
});

test("state that is good once is used up by the first, wherever the second lands", async () => {
  const cloud = new Cloud();
  const here = process(cloud, [NEW]);
  const wire = await here.states.mintOnce("delete it", here.ctx);
  const outcomes = await Promise.allSettled(
    [process(cloud, [NEW]), process(cloud, [NEW]), here].map(({ states, ctx }) =>
      states.verify(wire, ctx),
    ),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
  ]);
});

test("keys are read from base64url, newest first; anything else is refused by its place", () => {
  const text = [OLD, NEW].map((key) => Buffer.from(key ?? []).toString("base64url")).join(",");
  expect(parseStateKeys(text)).toEqual([OLD, NEW]);
  for (const bad of ["", "short", `${text},`, `${text},c2hvcnQ`, "!".repeat(60)]) {
    expect(() => parseStateKeys(bad)).toThrow(/State key \d is not base64url/);
  }
});
