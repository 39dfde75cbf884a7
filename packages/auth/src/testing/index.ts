export { MemoryAwayStore } from "./away-store-memory.ts";
export { MemoryCodeStore } from "./code-store-memory.ts";
export { awayStoreContract } from "./contracts/away-store.contract.ts";
export { codeStoreContract } from "./contracts/code-store.contract.ts";
export { familyStoreContract } from "./contracts/family-store.contract.ts";
export { MemoryFamilyStore } from "./family-store-memory.ts";
