import { snapshotStoreContract } from "./contracts/snapshot-store.contract.ts";
import { MemorySnapshotStore } from "./snapshot-store-memory.ts";

snapshotStoreContract("MemorySnapshotStore", async () => new MemorySnapshotStore());
