import { expect, test } from "vitest";
import * as z from "zod";
import { RefusedError } from "../lib/error.ts";
import { defineTool } from "./define-tool.ts";
import { checkInputSize, parseInput, runTool } from "./run-tool.ts";
import type { ToolContext } from "./tool-context.ts";
import { text } from "./tool-result.ts";

const base = {
  name: "probe",
  title: "Probe",
  description: "For tests.",
  input: z.object({ n: z.number().int() }),
  annotations: {},
  scope: "read" as const,
  placement: { kind: "lambda" as const },
  limits: { timeoutMs: 1000, inputBytes: 20 },
};

/** A clock on which sleeping ends when the test says so. */
function manualClock() {
  const wakes: (() => void)[] = [];
  return {
    now: () => 0,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wakes.push(resolve);
        signal?.addEventListener("abort", () => resolve());
      }),
    wake: () => {
      for (const wake of wakes) wake();
    },
  };
}

function context(clock = manualClock(), signal = new AbortController().signal) {
  return { clock, signal, progress: () => undefined, log: () => undefined } as unknown as Omit<
    ToolContext,
    "deadline"
  >;
}

test("arguments are checked, with a line per mistake", async () => {
  await expect(parseInput(base.input, { n: 1 })).resolves.toEqual({ n: 1 });
  await expect(parseInput(base.input, { n: "x" })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("n: "),
  });
});

test("arguments over the tool's limit are refused with both sizes", () => {
  const tool = defineTool({ ...base, load: async () => async () => text("") });
  expect(() => checkInputSize(tool, { n: 1, pad: "x".repeat(20) })).toThrow(
    /are \d+ bytes; at most 20/,
  );
});

test("a refusal becomes a result, another failure goes up", async () => {
  const refusing = defineTool({
    ...base,
    load: async () => async () => {
      throw new RefusedError("not_found", "No such file.");
    },
  });
  expect(await runTool(refusing, { n: 1 }, context(), 1000)).toEqual({
    result: { content: [{ type: "text", text: "No such file." }], isError: true },
    stopped: false,
  });
  const broken = defineTool({
    ...base,
    load: async () => async () => {
      throw new TypeError("bug");
    },
  });
  await expect(runTool(broken, { n: 1 }, context(), 1000)).rejects.toThrow("bug");
});

test("a tool that does not heed its time is left behind, and told", async () => {
  const clock = manualClock();
  const { promise: heard, resolve } = Promise.withResolvers<boolean>();
  const slow = defineTool({
    ...base,
    load:
      async () =>
      (_input: { n: number }, { signal }: ToolContext) => {
        signal.addEventListener("abort", () => resolve(true));
        queueMicrotask(clock.wake);
        return new Promise<never>(() => undefined);
      },
  });
  const { result, stopped } = await runTool(slow, { n: 1 }, context(clock), 1000);
  expect(stopped).toBe(true);
  expect(result).toMatchObject({
    isError: true,
    content: [
      { text: expect.stringContaining("probe did not end within 1000 ms and was stopped.") },
    ],
  });
  expect(await heard).toBe(true);
});

test("a call that is cancelled answers at once", async () => {
  const cancel = new AbortController();
  const slow = defineTool({
    ...base,
    load: async () => () => {
      queueMicrotask(() => cancel.abort());
      return new Promise<never>(() => undefined);
    },
  });
  const { result, stopped } = await runTool(
    slow,
    { n: 1 },
    context(manualClock(), cancel.signal),
    1000,
  );
  expect(stopped).toBe(true);
  expect(result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining("stopped before") }],
  });
});
