import { warmWorkersContract } from "./contracts/warm-workers.contract.ts";
import { MemoryWarmWorkers } from "./warm-workers-memory.ts";

warmWorkersContract("MemoryWarmWorkers", () => new MemoryWarmWorkers());
