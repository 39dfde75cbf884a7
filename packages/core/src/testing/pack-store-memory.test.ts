import { packStoreContract } from "./contracts/pack-store.contract.ts";
import { MemoryPackStore } from "./pack-store-memory.ts";

packStoreContract("MemoryPackStore", async () => {
  const store = new MemoryPackStore({ now: () => 0, sleep: async () => undefined });
  return {
    store,
    upload: (url, body) => store.upload(url, body),
    download: (url, start, length) => store.download(url, start, length),
  };
});
