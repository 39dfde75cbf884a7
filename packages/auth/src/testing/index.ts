export { MemoryAwayStore } from "./away-store-memory.ts";
export { MemoryCodeStore } from "./code-store-memory.ts";
export { awayStoreContract } from "./contracts/away-store.contract.ts";
export { codeStoreContract } from "./contracts/code-store.contract.ts";
export { documentCacheContract } from "./contracts/document-cache.contract.ts";
export { familyStoreContract } from "./contracts/family-store.contract.ts";
export { MemoryDocumentCache } from "./document-cache-memory.ts";
export { MemoryFamilyStore } from "./family-store-memory.ts";
