import { sessionStoreContract } from "./contracts/session-store.contract.ts";
import { MemorySessionStore } from "./session-store-memory.ts";

sessionStoreContract("MemorySessionStore", (clock) => new MemorySessionStore(clock));
