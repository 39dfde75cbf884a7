export { completePath, completeProject } from "./complete-files.ts";
export { parseFileUri, toFileUri } from "./file-uri.ts";
export type {
  ListedResource,
  ResourceContent,
  ResourceContext,
  ResourcePage,
  ResourceSource,
  ResourceTemplate,
  VariableInHand,
} from "./resource-source.ts";
export { taskResults } from "./task-results.ts";
export { MAX_RESOURCE_BYTES, workspaceFiles } from "./workspace-files.ts";
