import { packStoreContract } from "./contracts/pack-store.contract.ts";
import { MemoryPackStore } from "./pack-store-memory.ts";

packStoreContract("MemoryPackStore", async () => {
  const clock = { now: () => 1_790_000_000_000, sleep: async () => undefined };
  const store = new MemoryPackStore(clock);
  const upload = (url: string, body: Uint8Array) => store.upload(url, body);
  return { store, inventory: store, now: clock.now, upload };
});
