import { limits, variables } from "./shape.ts";

type Limit = keyof typeof limits;

/** The limits of a tenant: what the deployer's environment says, else the usual. */
export function chosenLimits(): Record<Limit, string> {
  const names = Object.keys(limits) as Limit[];
  const chosen = names.map((name) => [name, process.env[variables[name]] ?? limits[name]]);
  return Object.fromEntries(chosen) as Record<Limit, string>;
}
