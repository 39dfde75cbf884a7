import { MemoryCodeStore } from "./code-store-memory.ts";
import { codeStoreContract } from "./contracts/code-store.contract.ts";

codeStoreContract("MemoryCodeStore", () => new MemoryCodeStore());
