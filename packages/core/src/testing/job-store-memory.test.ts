import { jobInputContract } from "./contracts/job-input.contract.ts";
import { jobQueueingContract } from "./contracts/job-queueing.contract.ts";
import { jobStoreContract } from "./contracts/job-store.contract.ts";
import { MemoryJobStore } from "./job-store-memory.ts";

jobStoreContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobInputContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobQueueingContract("MemoryJobStore", (clock, jobs) => new MemoryJobStore(clock, jobs));
