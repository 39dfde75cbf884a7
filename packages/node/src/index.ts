export { type CheckoutOptions, type CheckoutOutcome, checkoutSnapshot } from "./checkout.ts";
export { systemClock } from "./clock-node.ts";
export { nodeCodec } from "./codec-node.ts";
export { openFolder, scanFolder } from "./folder.ts";
export { endLeftovers, killLeftovers, type LeftoverOptions } from "./leftover-processes.ts";
export { openFolderComputer } from "./live-folder/folder-computer.ts";
export { FolderProjects } from "./live-folder/folder-projects.ts";
export { jsonLogger } from "./logger-node.ts";
export { findRipgrep } from "./ripgrep.ts";
