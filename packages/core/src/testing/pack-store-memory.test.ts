import { packStoreContract } from "./contracts/pack-store.contract.ts";
import { MemoryPackStore } from "./pack-store-memory.ts";

packStoreContract("MemoryPackStore", async () => {
  const clock = { now: () => 1_790_000_000_000, sleep: async () => undefined };
  const store = new MemoryPackStore(clock);
  return {
    ...{ store, inventory: store, now: clock.now },
    upload: (url, body) => store.upload(url, body),
    download: (url, start, length) => store.download(url, start, length),
  };
});
