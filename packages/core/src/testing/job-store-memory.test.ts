import { jobChildrenContract } from "./contracts/job-children.contract.ts";
import { jobInputContract } from "./contracts/job-input.contract.ts";
import { jobStoreContract } from "./contracts/job-store.contract.ts";
import { MemoryJobStore } from "./job-store-memory.ts";

jobStoreContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobInputContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobChildrenContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
