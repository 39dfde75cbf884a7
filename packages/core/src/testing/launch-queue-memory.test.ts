import { launchQueueContract } from "./contracts/launch-queue.contract.ts";
import { MemoryLaunchQueue } from "./launch-queue-memory.ts";

launchQueueContract("MemoryLaunchQueue", () => new MemoryLaunchQueue());
