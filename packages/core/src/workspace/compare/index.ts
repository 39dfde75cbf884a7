export { compareSnapshots, type LeafEntry, type PathChange } from "./compare-snapshots.ts";
export { type Compared, type Difference, differences, isSameEntry } from "./differences.ts";
export { findEntry } from "./find-entry.ts";
export { findRenames } from "./find-renames.ts";
