import { transferStoreContract } from "./contracts/transfer-store.contract.ts";
import { MemoryTransferStore } from "./transfer-store-memory.ts";

transferStoreContract("MemoryTransferStore", async () => {
  const store = new MemoryTransferStore({ now: () => 0, sleep: async () => undefined });
  return {
    store,
    upload: (url, body) => store.upload(url, body),
    download: (url) => store.download(url),
  };
});
