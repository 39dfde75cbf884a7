import { familyStoreContract } from "./contracts/family-store.contract.ts";
import { MemoryFamilyStore } from "./family-store-memory.ts";

familyStoreContract("MemoryFamilyStore", () => new MemoryFamilyStore());
