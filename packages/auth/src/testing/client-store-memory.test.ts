import { MemoryClientStore } from "./client-store-memory.ts";
import { clientStoreContract } from "./contracts/client-store.contract.ts";

clientStoreContract("MemoryClientStore", () => new MemoryClientStore());
