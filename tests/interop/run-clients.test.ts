import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Absence, InteropClient, OpenClient, Target } from "./interop-client.ts";
import { runClients } from "./run-clients.ts";

const SHARED: Omit<Target, "home" | "top"> = {
  mcpUrl: "http://127.0.0.1:1/mcp",
  token: "",
  user: { username: "", password: "" },
  folder: "",
  files: 0,
  tools: [],
};

const ABSENCE: Absence = { reason: "not built yet", error: /^404$/ };

async function run(steps: OpenClient["steps"], absent?: Absence) {
  const homes: string[] = [];
  const client: InteropClient = {
    name: "probe",
    ...(absent && { absent }),
    open({ home }) {
      homes.push(home);
      return { steps, complaints: () => ["warning: old"], close: async () => undefined };
    },
  };
  const outcomes = [];
  for await (const outcome of runClients([client], SHARED)) {
    expect(await readdir(homes[0] ?? "")).toEqual([]);
    outcomes.push(outcome);
  }
  await expect(readdir(homes[0] ?? "")).rejects.toMatchObject({ code: "ENOENT" });
  return outcomes[0];
}

const fine = async () => undefined;
const failing = (message: string) => () => Promise.reject(new Error(message));

test("a client whose steps all go well works; those it cannot do are left out", async () => {
  expect(await run({ list: fine, burst: fine })).toMatchObject({
    verdict: "works",
    steps: { list: { ms: expect.any(Number) }, burst: { ms: expect.any(Number) } },
    complaints: ["warning: old"],
  });
});

test("a client fails with its first step that does; the rest is not tried", async () => {
  const outcome = await run({ connect: fine, list: failing("no list"), call: fine });
  expect(outcome).toMatchObject({ verdict: "fails", steps: { list: { error: "no list" } } });
  expect(outcome?.steps).not.toHaveProperty("call");
});

test.each([
  ["fails for the very reason", { connect: failing("404") }, "absent"],
  ["fails for another one", { connect: failing("500") }, "fails"],
  ["works", { connect: fine }, "stale"],
] as const)("a client listed as absent that %s: %s", async (_, steps, verdict) => {
  expect(await run(steps, ABSENCE)).toMatchObject({ verdict, absent: "not built yet" });
});
