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
  const snapshots = new MemorySnapshotStore();
  return {
    ...{ tenant: "u-ada", snapshots, archive: snapshots, packs, inventory: packs },
    ...{ usage: new MemoryUsageStore(), due: new MemoryDueProjects(), codec: codecZlib, clock },
    upload: (url, body) => packs.upload(url, body),
    download: (url, start, length) => packs.download(url, start, length),
    advance: (ms) => {
      now += ms;
    },
  };
}
