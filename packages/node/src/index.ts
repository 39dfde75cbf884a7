export { type CheckoutOptions, type CheckoutOutcome, checkoutSnapshot } from "./checkout.ts";
export { systemClock } from "./clock-node.ts";
export { nodeCodec } from "./codec-node.ts";
export {
  NodeDocumentFetcher,
  type NodeDocumentFetcherOptions,
} from "./document/document-fetcher-node.ts";
export { openFolder, scanFolder } from "./folder.ts";
export { FolderScan } from "./folder-scan.ts";
export { type JobComputerOptions, openJobComputer } from "./job-computer.ts";
export { endLeftovers, killLeftovers, type LeftoverOptions } from "./leftover-processes.ts";
export { openFolderComputer } from "./live-folder/folder-computer.ts";
export { FolderProjects } from "./live-folder/folder-projects.ts";
export { jsonLogger } from "./logger-node.ts";
export { removeLeaf } from "./remove-leaf.ts";
export { findRipgrep } from "./ripgrep.ts";
export { removeTree } from "./sandbox/remove-tree.ts";
export { type FolderView, type KnownLeaf, viewFolder } from "./synced-folder/folder-view.ts";
export { FolderWatch } from "./synced-folder/folder-watch.ts";
export { probeFolding } from "./synced-folder/probe-folding.ts";
export { type UpdateOutcome, updateFolder } from "./synced-folder/update-folder.ts";
export { isTemporaryName } from "./temporary-name.ts";
