import type { Clock } from "@zenode/core";
import {
  codecZlib,
  MemoryDueProjects,
  MemoryPackStore,
  MemorySnapshotStore,
  MemoryUsageStore,
} from "@zenode/core/testing";
import type { Stores } from "./processes.ts";

/** Stores of one sequence, in memory, whose time goes on by a second a look. */
export function memoryStores(): Stores {
  let now = 1_790_000_000_000;
  const clock: Clock = { now: () => (now += 1_000), sleep: async () => undefined };
  const packs = new MemoryPackStore({ now: () => now, sleep: async () => undefined });
  const upload = (url: string, body: Uint8Array) => packs.upload(url, body);
  const snapshots = new MemorySnapshotStore();
  const account = { usage: new MemoryUsageStore(), due: new MemoryDueProjects() };
  return { tenant: "u-ada", snapshots, packs, ...account, codec: codecZlib, clock, upload };
}
