import type { AnyPrompt, AnyTool } from "@zenode/core";
import { applyPatch } from "./apply-patch/tool.ts";
import { deletePath } from "./delete/tool.ts";
import { diff } from "./diff/tool.ts";
import { editFile } from "./edit-file/tool.ts";
import { explainFile } from "./explain-file/prompt.ts";
import { exportProject } from "./export/tool.ts";
import { fileInfo } from "./file-info/tool.ts";
import { findAndFix } from "./find-and-fix/prompt.ts";
import { findFiles } from "./find-files/tool.ts";
import { history } from "./history/tool.ts";
import { importRepository } from "./import-repository/tool.ts";
import { listDirectory } from "./list-directory/tool.ts";
import { move } from "./move/tool.ts";
import { prepareUpload } from "./prepare-upload/tool.ts";
import { projects } from "./projects/tool.ts";
import { readFile } from "./read-file/tool.ts";
import { reportProjects } from "./report-projects/tool.ts";
import { restore } from "./restore/tool.ts";
import { reviewProject } from "./review-project/prompt.ts";
import { runCommand } from "./run-command/tool.ts";
import { searchFiles } from "./search-files/tool.ts";
import { tree } from "./tree/tool.ts";
import { whoami } from "./whoami/tool.ts";
import { workspaceReport } from "./workspace-report/tool.ts";
import { writeFile } from "./write-file/tool.ts";

/** Every tool of the server. A new one is a folder beside these, and a line here. */
export const catalogue: readonly AnyTool[] = [
  applyPatch,
  deletePath,
  diff,
  editFile,
  exportProject,
  fileInfo,
  findFiles,
  history,
  importRepository,
  listDirectory,
  move,
  prepareUpload,
  projects,
  readFile,
  reportProjects,
  restore,
  runCommand,
  searchFiles,
  tree,
  whoami,
  workspaceReport,
  writeFile,
];

/** Commands would run with all that the user has; and to one's own folder files are copied without a server. */
const CLOUD_ONLY: readonly AnyTool[] = [exportProject, importRepository, prepareUpload, runCommand];

/** For a server that works on its user's own folder. */
export const folderCatalogue: readonly AnyTool[] = catalogue.filter(
  (tool) => !CLOUD_ONLY.includes(tool),
);

/** Every prompt of the server. A new one is a file beside these, and a line here. */
export const prompts: readonly AnyPrompt[] = [explainFile, findAndFix, reviewProject];
