import { MIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import { entriesAfter } from "../workspace/entries-after.ts";
import { mimeTypeOf } from "../workspace/mime-type.ts";
import { comparePaths, parsePath, parseProjectName } from "../workspace/parse-path.ts";
import type { ListedEntry, ProjectSummary, Projects } from "../workspace/projects.ts";
import { completePath, completeProject } from "./complete-files.ts";
import {
  FILE_PREFIX,
  FILE_TEMPLATE,
  type FileAddress,
  parseFileUri,
  toFileUri,
} from "./file-uri.ts";
import type {
  ListedResource,
  ResourceContent,
  ResourceContext,
  ResourcePage,
  ResourceSource,
  VariableInHand,
} from "./resource-source.ts";

/** Of one file in one answer; base64 makes a third more of it. Longer texts are read in parts, by read_file. */
export const MAX_RESOURCE_BYTES = 4 * MIB;

/** The files of the newest snapshots of a tenant's projects. */
export const workspaceFiles: ResourceSource = {
  prefix: FILE_PREFIX,
  templates: [
    {
      uriTemplate: FILE_TEMPLATE,
      name: "file",
      title: "File of a project",
      description: "A file of a project that was pushed, as it is in the newest snapshot.",
    },
  ],
  list: listFiles,
  read: readFile,
  position: headsOf,
  version: versionOf,
  complete: completeVariable,
};

type ListedFile = Extract<ListedEntry, { readonly kind: "file" }>;

async function listFiles(
  { projects }: ResourceContext,
  after: string | undefined,
  limit: number,
): Promise<ResourcePage> {
  const start = after === undefined ? undefined : parseCursor(after);
  const resources: ListedResource[] = [];
  let last: FileAddress | undefined;
  for await (const { project, file } of filesFrom(projects, start)) {
    if (last && resources.length === limit) return { resources, next: toCursor(last) };
    resources.push(toResource(project, file));
    last = { project: project.name, path: file.path };
  }
  return { resources };
}

async function* filesFrom(
  projects: Projects,
  start: FileAddress | undefined,
): AsyncGenerator<{ readonly project: ProjectSummary; readonly file: ListedFile }> {
  for (const project of (await projects.list()).toSorted(byName)) {
    if (start && comparePaths(project.name, start.project) < 0) continue;
    const snapshot = await projects.open(project.name);
    const behind = project.name === start?.project ? start.path : "";
    for await (const entry of entriesAfter(snapshot, behind)) {
      if (entry.kind === "file") yield { project, file: entry };
    }
  }
}

function byName(a: ProjectSummary, b: ProjectSummary): number {
  return comparePaths(a.name, b.name);
}

function toResource({ name, updatedAt }: ProjectSummary, file: ListedFile): ListedResource {
  const mimeType = mimeTypeOf(file.path);
  return {
    uri: toFileUri({ project: name, path: file.path }),
    name: `${name}/${file.path}`,
    title: file.path.slice(file.path.lastIndexOf("/") + 1),
    ...(mimeType !== undefined && { mimeType }),
    size: file.bytes,
    // A snapshot keeps no times of files: it is at least as old as this.
    annotations: {
      audience: ["user", "assistant"],
      lastModified: new Date(updatedAt).toISOString(),
    },
  };
}

/** A cursor is the address of the last file given, so that a push in between moves no page. */
function toCursor(address: FileAddress): string {
  return encodeURIComponent(`${address.project}/${address.path}`);
}

function parseCursor(cursor: string): FileAddress {
  try {
    const [, project = "", path = ""] = /^([^/]*)\/(.+)$/s.exec(decodeURIComponent(cursor)) ?? [];
    return { project: parseProjectName(project), path: parsePath(path) };
  } catch (cause) {
    throw new RefusedError("invalid_input", "The cursor is none that this server gave.", { cause });
  }
}

async function readFile({ projects }: ResourceContext, uri: string): Promise<ResourceContent> {
  const { project, path } = parseFileUri(uri);
  const snapshot = await projects.open(project);
  const content = await snapshot.read(path, MAX_RESOURCE_BYTES);
  const mimeType = mimeTypeOf(path);
  const text = decodeText(content);
  if (text !== undefined) return { uri, mimeType: mimeType ?? "text/plain", text };
  return { uri, mimeType: mimeType ?? "application/octet-stream", blob: toBase64(content) };
}

/** Every push moves a head; one query reads them all. */
async function headsOf({ projects }: ResourceContext): Promise<string> {
  const heads = (await projects.list()).toSorted(byName);
  return heads.map(({ name, snapshot }) => `${name}:${snapshot}`).join(" ");
}

async function versionOf({ projects }: ResourceContext, uri: string): Promise<string> {
  try {
    const { project, path } = parseFileUri(uri);
    const entry = await (await projects.open(project)).entry(path);
    return entry.kind === "file" ? entry.blob : "";
  } catch (error) {
    if (error instanceof RefusedError && error.code === "not_found") return "";
    throw error;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Undefined: the bytes are no UTF-8 text. */
function decodeText(content: Uint8Array): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return decoder.decode(content);
  } catch {
    return undefined;
  }
}

/** In pieces of whole groups of three bytes, since a call takes only so many arguments. */
function toBase64(content: Uint8Array): string {
  const PIECE = 3 * 8192;
  let base64 = "";
  for (let at = 0; at < content.length; at += PIECE) {
    base64 += btoa(String.fromCharCode(...content.subarray(at, at + PIECE)));
  }
  return base64;
}

async function completeVariable(
  { projects }: ResourceContext,
  { variable, typed, others }: VariableInHand,
): Promise<readonly string[]> {
  if (variable === "project") return completeProject(projects, typed);
  if (variable === "path") return completePath(projects, others.project, typed);
  return [];
}
