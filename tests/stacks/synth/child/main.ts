import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { SynthOutput } from "../graph.ts";
import { answerInvoke } from "./invokes.ts";
import { observeMonitor } from "./monitor.ts";
import { computedOutputs } from "./outputs.ts";
import { place } from "./place.ts";
import { startCommandLineServer } from "./server.ts";

const mocks: pulumi.runtime.Mocks = {
  newResource({ type, name, inputs, id: givenId }) {
    const { id, ...computed } = computedOutputs({ type, name, inputs, givenId });
    const { __provider: _serializedCode, ...plain } = inputs;
    return { id, state: { name, ...plain, ...computed } };
  },
  call: ({ token, inputs }) => answerInvoke(token, inputs),
};

function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

/** Runs the program under mocks and writes the graph when nothing is left to wait for. */
export async function main(program: () => Promise<Record<string, unknown>>): Promise<void> {
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const { app } = place;
  const builds = await startCommandLineServer();
  await pulumi.runtime.setMocks(mocks, app.name, app.stage, false, "organization");
  const seen = observeMonitor(pulumi.runtime);
  const outputs: Record<string, unknown> | undefined =
    await pulumi.runtime.runInPulumiStack(program);
  process.once("beforeExit", () => {
    const output: SynthOutput = {
      outputs: outputs ?? {},
      resources: seen.resources.toSorted((one, other) => (one.urn < other.urn ? -1 : 1)),
      links: seen.links,
      builds: builds.map(({ functionID, handler, runtime }) => ({ functionID, handler, runtime })),
    };
    writeFileSync(place.output, JSON.stringify(output));
  });
}
