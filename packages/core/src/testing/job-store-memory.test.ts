import { jobChildrenContract } from "./contracts/job-children.contract.ts";
import { jobCreationContract } from "./contracts/job-creation.contract.ts";
import { jobInputContract } from "./contracts/job-input.contract.ts";
import { jobListContract } from "./contracts/job-list.contract.ts";
import { jobQueueingContract } from "./contracts/job-queueing.contract.ts";
import { jobResumeContract } from "./contracts/job-resume.contract.ts";
import { jobStoreContract } from "./contracts/job-store.contract.ts";
import { MemoryJobStore } from "./job-store-memory.ts";

jobCreationContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobStoreContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobInputContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobResumeContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobListContract("MemoryJobStore", async (clock) => new MemoryJobStore(clock));
jobChildrenContract("MemoryJobStore", (clock) => new MemoryJobStore(clock));
jobQueueingContract("MemoryJobStore", (clock, jobs) => new MemoryJobStore(clock, jobs));
