import { documentCacheContract } from "./contracts/document-cache.contract.ts";
import { MemoryDocumentCache } from "./document-cache-memory.ts";

documentCacheContract("MemoryDocumentCache", () => new MemoryDocumentCache());
