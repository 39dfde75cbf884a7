import { lstat, mkdir, realpath } from "node:fs/promises";
import path from "node:path";
import { RefusedError } from "@zenode/core";

/** Where one job's foreign commands work. All are real paths below `root`. */
export interface SandboxPlace {
  readonly root: string;
  /** Holds the checkouts, by their projects' names. */
  readonly projects: string;
  readonly home: string;
  readonly temporary: string;
  /** Empty: the top of what a command sees is mounted here. */
  readonly mount: string;
}

/** Makes the folders of a place in a folder of the worker's own. */
export async function makePlace(folder: string): Promise<SandboxPlace> {
  const root = await realpath(folder);
  const at = (name: string) => path.join(root, name);
  const place = {
    root,
    projects: at("projects"),
    home: at("home"),
    temporary: at("tmp"),
    mount: at("mount"),
  };
  for (const one of Object.values(place)) await mkdir(one, { recursive: true, mode: 0o755 });
  return place;
}

/** Which directory it was that lay at a path: a command may put another one, or a link, in its place. */
export interface KnownFolder {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

export async function knowFolder(folder: string): Promise<KnownFolder> {
  const { dev: device, ino: inode } = await lstat(folder);
  return { path: folder, device, inode };
}

/** @throws RefusedError `not_found` when it is not the same any more. */
export async function checkFolder({ path: folder, device, inode }: KnownFolder): Promise<void> {
  const now = await lstat(folder).catch(() => undefined);
  const real = await realpath(folder).catch(() => undefined);
  if (now?.dev === device && now.ino === inode && real === folder) return;
  throw new RefusedError("not_found", "The project's folder itself was moved away by the command.");
}
