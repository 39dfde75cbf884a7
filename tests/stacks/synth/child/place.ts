import type { SynthApp } from "../graph.ts";

function need(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

/** Where this synth takes place; the parent process says so in the environment. */
export const place = {
  app: JSON.parse(need("SYNTH_APP")) as SynthApp,
  region: need("SYNTH_REGION"),
  account: "123456789012",
  root: need("SYNTH_ROOT"),
  /** File for the graph. */
  output: need("SYNTH_OUTPUT"),
};
