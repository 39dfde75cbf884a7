import { eventLogContract } from "./contracts/event-log.contract.ts";
import { MemoryEventLog } from "./event-log-memory.ts";

eventLogContract("MemoryEventLog", (clock) => new MemoryEventLog(clock));
