import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { processStart } from "../../packages/emulator/src/processes/process-identity.ts";
import { functionOf, lambdaWith } from "./lambda-fixture.ts";

/** For what other processes do on a busy machine. */
const PATIENCE = { timeout: 20_000 };

interface Seen {
  event: unknown;
  pid: number;
  invocations: number;
  ticks: number;
  remainingMs: number;
  arn: string;
  environment: Record<string, string>;
  cwd: string;
}

function payloadOf(invocation: { kind: string; payload?: unknown }): Seen {
  expect(invocation.kind).toBe("buffered");
  return invocation.payload as Seen;
}

const BUFFERED = { streaming: false };

test("the first invocation is a cold start, the next reuses the process", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")]);
  const invoke = () => fixture.lambda.invoke("buffered-handler", { text: "ü✓" }, BUFFERED);
  const first = payloadOf(await invoke());
  const second = payloadOf(await invoke());
  expect(first).toMatchObject({ event: { text: "ü✓" }, invocations: 1 });
  expect(second).toMatchObject({ pid: first.pid, invocations: 2 });
  expect(first.arn).toBe("arn:aws:lambda:eu-central-1:000000000000:function:buffered-handler");
  expect(first.remainingMs).toBeGreaterThan(8_000);
  expect(first.remainingMs).toBeLessThanOrEqual(10_000);
  await expect
    .poll(() => fixture.reports.map(({ status }) => status))
    .toEqual(["success", "success"]);
  expect(fixture.reports[0]?.initMs).toBeGreaterThan(0);
  expect(fixture.reports[1]?.initMs).toBeUndefined();
  expect(fixture.reports[1]?.maxMemoryMb).toBeGreaterThan(20);
});

test("a function sees Lambda's variables and its own, nothing of the emulator's", async () => {
  process.env.EMULATOR_SECRET = "leaks";
  const template = functionOf("buffered.handler", {
    environment: { TABLE: "own", NODE_OPTIONS: "--stack-trace-limit=20", AWS_REGION: "mars-1" },
  });
  await using fixture = await lambdaWith([template], {
    baseEnvironment: { TABLE: "base", BASE: "1" },
  });
  const seen = payloadOf(await fixture.lambda.invoke(template.name, {}, BUFFERED));
  delete process.env.EMULATOR_SECRET;
  expect(seen.cwd).toBe(template.codeDir);
  expect(seen.environment).toMatchObject({
    TABLE: "own",
    BASE: "1",
    NODE_OPTIONS: "--stack-trace-limit=20",
    TZ: ":UTC",
    _HANDLER: "buffered.handler",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "LOCALKEY",
    AWS_SECRET_ACCESS_KEY: "LOCALSECRET",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "buffered-handler",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/buffered-handler",
    LAMBDA_TASK_ROOT: template.codeDir,
  });
  expect(seen.environment.EMULATOR_SECRET).toBeUndefined();
  expect(seen.environment.HOME).toBeUndefined();
});

test("concurrent invocations run in processes of their own, up to the function's concurrency", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.waits", { concurrency: 2 })]);
  const file = join(fixture.dir, "go");
  const invoke = () => fixture.lambda.invoke("buffered-waits", { file }, BUFFERED);
  const held = [invoke(), invoke()];
  expect(await invoke()).toEqual({ kind: "throttled" });
  writeFileSync(file, "");
  const pids = (await Promise.all(held)).map((invocation) => payloadOf(invocation).pid);
  expect(new Set(pids).size).toBe(2);
  await expect.poll(async () => (await invoke()).kind, PATIENCE).toBe("buffered");
  expect(fixture.lambda.processes()).toHaveLength(2);
});

test("strict rotation never gives two consecutive invocations to one process", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")], {
    rotation: { kind: "strict", minProcesses: 3 },
  });
  const pids: number[] = [];
  for (let count = 0; count < 6; count += 1) {
    pids.push(payloadOf(await fixture.lambda.invoke("buffered-handler", {}, BUFFERED)).pid);
  }
  expect(new Set(pids.slice(0, 3)).size).toBe(3);
  expect(pids.slice(3)).toEqual(pids.slice(0, 3));
});

test("a frozen process does nothing after its response, until the next invocation", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.afterwards")]);
  const invoke = async () =>
    payloadOf(await fixture.lambda.invoke("buffered-afterwards", {}, BUFFERED));
  const first = await invoke();
  // An absence has no event; without freezing the timer fires after 250 ms, as the next test shows.
  await sleep(500);
  expect(fixture.lines.filter(({ text }) => text === "tick")).toEqual([]);
  const second = await invoke();
  expect(second.pid).toBe(first.pid);
  await fixture.logged("tick");
});

test("without freezing the same timer fires", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.afterwards")], { freeze: false });
  await fixture.lambda.invoke("buffered-afterwards", {}, BUFFERED);
  await fixture.logged("tick");
});

test("a handler error is a function error and the process lives on", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.fails")]);
  const invoke = () => fixture.lambda.invoke("buffered-fails", {}, BUFFERED);
  const expected = { kind: "function-error", errorType: "TypeError", message: "handler failed" };
  expect(await invoke()).toEqual(expected);
  expect(await invoke()).toEqual(expected);
  expect(fixture.lambda.processes()).toHaveLength(1);
  await expect
    .poll(() => fixture.reports.map(({ status }) => status), PATIENCE)
    .toEqual(["error", "error"]);
});

test("provisioned processes are ready before they are needed, and replaced when they are gone", async () => {
  const template = functionOf("buffered.handler", { provisionedConcurrency: 2 });
  await using fixture = await lambdaWith([template], { idleProcessMs: 1 });
  const ready = () => fixture.lambda.processes().filter(({ state }) => state === "idle");
  expect(ready()).toHaveLength(2);
  const seen = payloadOf(await fixture.lambda.invoke(template.name, {}, BUFFERED));
  expect(seen.environment.AWS_LAMBDA_INITIALIZATION_TYPE).toBe("provisioned-concurrency");
  await expect.poll(() => fixture.reports.length).toBe(1);
  expect(fixture.reports[0]?.initMs).toBeUndefined();
  expect(ready().map(({ pid }) => pid)).toContain(seen.pid);
  fixture.lambda.kill(seen.pid);
  await expect
    .poll(() => ready().length === 2 && !ready().some(({ pid }) => pid === seen.pid), PATIENCE)
    .toBe(true);
});

test("nobody who waits for provisioned processes that are all there keeps a later one from being replaced", async () => {
  const template = functionOf("buffered.handler", { provisionedConcurrency: 1 });
  await using fixture = await lambdaWith([template]);
  for (let time = 0; time < 2; time += 1) {
    await fixture.lambda.provisioned();
    const [gone] = fixture.lambda.processes();
    fixture.lambda.kill(gone?.pid ?? 0);
    await expect
      .poll(() => fixture.lambda.processes().filter(({ state }) => state === "idle"), PATIENCE)
      .toEqual([expect.objectContaining({ pid: expect.not.toBeOneOf([gone?.pid]) })]);
  }
});

test("processes started on demand take no provisioned one's place", async () => {
  const template = functionOf("buffered.handler", { provisionedConcurrency: 1 });
  await using fixture = await lambdaWith([template]);
  const kinds = await Promise.all(
    [1, 2].map(async () => {
      const seen = payloadOf(await fixture.lambda.invoke(template.name, {}, BUFFERED));
      return { pid: seen.pid, kind: seen.environment.AWS_LAMBDA_INITIALIZATION_TYPE };
    }),
  );
  expect(new Set(kinds.map(({ kind }) => kind))).toEqual(
    new Set(["provisioned-concurrency", "on-demand"]),
  );
  fixture.lambda.kill(kinds.find(({ kind }) => kind !== "on-demand")?.pid ?? 0);
  await expect
    .poll(() => fixture.lambda.processes().filter(({ state }) => state === "idle"), PATIENCE)
    .toHaveLength(2);
});

test("provisioned processes are replaced one after the other, so that calls keep their processor", async () => {
  const template = functionOf("buffered.handler", { provisionedConcurrency: 3 });
  await using fixture = await lambdaWith([template]);
  const gone = fixture.lambda.processes().map(({ pid }) => pid);
  for (const pid of gone) fixture.lambda.kill(pid);
  let most = 0;
  await expect
    .poll(
      () => {
        const now = fixture.lambda.processes().filter(({ pid }) => !gone.includes(pid));
        most = Math.max(most, now.filter(({ state }) => state === "init").length);
        return now.filter(({ state }) => state === "idle").length;
      },
      { ...PATIENCE, interval: 5 },
    )
    .toBe(3);
  expect(most).toBe(1);
});

test("an init error fails the invocation after a second attempt", async () => {
  await using fixture = await lambdaWith([functionOf("broken-init.handler")]);
  expect(await fixture.lambda.invoke("broken-init-handler", {}, BUFFERED)).toEqual({
    kind: "function-error",
    errorType: "RangeError",
    message: "init failed",
  });
  await expect
    .poll(() => fixture.lines.filter(({ text }) => text === "init"), PATIENCE)
    .toHaveLength(2);
  await expect.poll(() => fixture.lambda.processes(), PATIENCE).toEqual([]);
});

test("a missing handler is told by the runtime's own error", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.absent")]);
  expect(await fixture.lambda.invoke("buffered-absent", {}, BUFFERED)).toMatchObject({
    kind: "function-error",
    errorType: "Runtime.HandlerNotFound",
  });
});

test("an init over its limit is run again within the invocation", async () => {
  const slow = functionOf("slow-init.handler", { environment: { INIT_MS: "600" } });
  const never = { ...slow, name: "never", environment: { INIT_MS: "60000" }, timeoutSeconds: 1 };
  await using fixture = await lambdaWith([slow, never], { initLimitMs: 500 });
  expect((await fixture.lambda.invoke(slow.name, {}, BUFFERED)).kind).toBe("buffered");
  expect(await fixture.lambda.invoke("never", {}, BUFFERED)).toMatchObject({
    kind: "function-error",
    errorType: "Sandbox.Timedout",
    message: expect.stringContaining("Task timed out after 1.00 seconds"),
  });
});

test("a process that exits in its invocation is a function error, the next call a cold start", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.crashes")]);
  const invoke = (ok: boolean) => fixture.lambda.invoke("buffered-crashes", { ok }, BUFFERED);
  const before = payloadOf(await invoke(true));
  expect(await invoke(false)).toMatchObject({
    kind: "function-error",
    errorType: "Runtime.ExitError",
    message: expect.stringMatching(
      /^RequestId: .* Error: Runtime exited with error: exit status 7$/,
    ),
  });
  expect(payloadOf(await invoke(true)).pid).not.toBe(before.pid);
});

test("a timeout kills the process", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.hangs", { timeoutSeconds: 1 })]);
  const invoke = (ok: boolean) => fixture.lambda.invoke("buffered-hangs", { ok }, BUFFERED);
  const before = payloadOf(await invoke(true));
  expect(await invoke(false)).toMatchObject({
    kind: "function-error",
    errorType: "Sandbox.Timedout",
    message: expect.stringMatching(/^RequestId: .* Error: Task timed out after 1\.00 seconds$/),
  });
  expect(payloadOf(await invoke(true)).pid).not.toBe(before.pid);
  await expect.poll(() => processStart(before.pid), PATIENCE).toBeUndefined();
  expect(fixture.reports.map(({ status }) => status)).toContain("timeout");
});

test("a process over its memory is killed", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.greedy", { memoryMb: 128 })]);
  expect(await fixture.lambda.invoke("buffered-greedy", {}, BUFFERED)).toMatchObject({
    kind: "function-error",
    errorType: "Runtime.ExitError",
    message: expect.stringContaining("signal: killed"),
  });
});

test("a buffered response over 6 MB is a function error", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.large")]);
  expect(await fixture.lambda.invoke("buffered-large", {}, BUFFERED)).toMatchObject({
    kind: "function-error",
    errorType: "Function.ResponseSizeTooLarge",
  });
});

test("idle processes end", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")], { idleProcessMs: 50 });
  await fixture.lambda.invoke("buffered-handler", {}, BUFFERED);
  await expect.poll(() => fixture.lambda.processes(), PATIENCE).toEqual([]);
});

test("faults throttle, break, delay and kill", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.waits")]);
  const { lambda, faults, dir } = fixture;
  const file = join(dir, "go");
  const invoke = () => lambda.invoke("buffered-waits", { file }, BUFFERED);
  const once = { service: "lambda", operation: "buffered-waits", times: 1 } as const;
  faults.add({ ...once, action: { kind: "throttle" } });
  expect(await invoke()).toEqual({ kind: "throttled" });
  faults.add({ ...once, action: { kind: "error" } });
  expect(await invoke()).toMatchObject({ errorType: "ServiceException" });
  faults.add({ ...once, action: { kind: "kill", afterMs: 50 } });
  expect(await invoke()).toMatchObject({
    errorType: "Runtime.ExitError",
    message: expect.stringContaining("signal: killed"),
  });
  writeFileSync(file, "");
  faults.add({ ...once, action: { kind: "delay", ms: 100 } });
  const startedAt = performance.now();
  expect((await invoke()).kind).toBe("buffered");
  expect(performance.now() - startedAt).toBeGreaterThan(99);
});

test("kill ends one process by its pid", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")]);
  const { lambda } = fixture;
  const { pid } = payloadOf(await lambda.invoke("buffered-handler", {}, BUFFERED));
  expect(lambda.kill(1)).toBe(false);
  expect(lambda.kill(pid)).toBe(true);
  expect(payloadOf(await lambda.invoke("buffered-handler", {}, BUFFERED)).pid).not.toBe(pid);
});

test("a port that is taken is told by name, and Lambda closed starts nothing", async () => {
  await using fixture = await lambdaWith([functionOf("buffered.handler")]);
  const { port } = fixture.lambda;
  await expect(lambdaWith([], { dir: `${fixture.dir}/other`, port })).rejects.toMatchObject({
    code: "PORT_TAKEN",
  });
  await fixture.lambda.close();
  await expect(fixture.lambda.invoke("buffered-handler", {}, BUFFERED)).rejects.toMatchObject({
    code: "LAMBDA_CLOSED",
  });
});
