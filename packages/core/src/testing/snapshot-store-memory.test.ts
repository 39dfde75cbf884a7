import { snapshotArchiveContract } from "./contracts/snapshot-archive.contract.ts";
import { snapshotStoreContract } from "./contracts/snapshot-store.contract.ts";
import { MemorySnapshotStore } from "./snapshot-store-memory.ts";

snapshotStoreContract("MemorySnapshotStore", async () => new MemorySnapshotStore());
snapshotArchiveContract("MemorySnapshotStore", async () => {
  const snapshots = new MemorySnapshotStore();
  return { archive: snapshots, snapshots };
});
