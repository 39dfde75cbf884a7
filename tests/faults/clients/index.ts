import type { CallOrder, Driver } from "./driver.ts";
import { resuming } from "./resuming.ts";
import { sdkLegacy, sdkModern } from "./sdk.ts";
import { askingAgain, polling, waitingByTool } from "./wire-modern.ts";

/** How a client gets its answer after all, in both eras. */
export const CLIENTS = {
  "asks again": askingAgain,
  "SDK v2": sdkModern,
  "SDK v1": sdkLegacy,
  "Last-Event-ID": resuming,
  "tasks/get": polling,
  "tool task": waitingByTool,
} as const satisfies Record<string, (order: CallOrder) => Driver>;

export type ClientName = keyof typeof CLIENTS;
