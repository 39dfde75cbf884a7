import { snapshotArchiveContract } from "./contracts/snapshot-archive.contract.ts";
import { snapshotFenceContract } from "./contracts/snapshot-fence.contract.ts";
import { snapshotStoreContract } from "./contracts/snapshot-store.contract.ts";
import { MemoryJobStore } from "./job-store-memory.ts";
import { MemorySnapshotStore } from "./snapshot-store-memory.ts";

snapshotStoreContract("MemorySnapshotStore", async () => new MemorySnapshotStore());
snapshotFenceContract("MemorySnapshotStore", (clock) => {
  const jobs = new MemoryJobStore(clock);
  return { jobs, snapshots: new MemorySnapshotStore(jobs) };
});
snapshotArchiveContract("MemorySnapshotStore", async () => {
  const snapshots = new MemorySnapshotStore();
  return { archive: snapshots, snapshots };
});
