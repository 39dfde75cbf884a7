import { MemoryAwayStore } from "./away-store-memory.ts";
import { awayStoreContract } from "./contracts/away-store.contract.ts";

awayStoreContract("MemoryAwayStore", () => new MemoryAwayStore());
