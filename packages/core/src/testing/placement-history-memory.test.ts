import { placementHistoryContract } from "./contracts/placement-history.contract.ts";
import { MemoryPlacementHistory } from "./placement-history-memory.ts";

placementHistoryContract("MemoryPlacementHistory", (clock) => new MemoryPlacementHistory(clock));
