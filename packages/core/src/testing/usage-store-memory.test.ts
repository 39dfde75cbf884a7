import { usageStoreContract } from "./contracts/usage-store.contract.ts";
import { MemoryUsageStore } from "./usage-store-memory.ts";

usageStoreContract("MemoryUsageStore", () => new MemoryUsageStore());
