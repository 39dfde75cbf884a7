import { MIB } from "../lib/bytes.ts";
import { RefusedError } from "../lib/error.ts";
import { BlobReader } from "./blob-reader.ts";
import { type BuiltTrees, buildTrees } from "./build-trees.ts";
import type { OpenTree } from "./change/entry-at.ts";
import type { Codec } from "./codec.ts";
import { leavesTree } from "./link-target.ts";
import { Pack } from "./pack.ts";
import { parsePath } from "./parse-path.ts";
import type { BeginPullRequest, BeginPullResponse } from "./pull-wire.ts";
import { makeReaderCaches, type ReaderCaches } from "./reader-caches.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";
import type { Leaf, Leaves } from "./sync/leaf.ts";
import type { BlobReference } from "./tree.ts";

/** Of one project, for one command. */
const CACHE_BYTES = 256 * MIB;
/** Caches of readers are kept by tenant; here there is one. */
const TENANT = "me";

/** The way to a PullService and to the store. Each method may be repeated. */
export interface PullTransport {
  begin(request: BeginPullRequest): Promise<BeginPullResponse>;
  /** `length` bytes from `start` of a pack. @throws RefusedError `expired` when the URL no longer serves it. */
  read(url: string, start: number, length: number): Promise<Uint8Array>;
}

export interface RemoteProjectOptions {
  readonly project: string;
  readonly transport: PullTransport;
  readonly codec: Codec;
}

/**
 * Whether the project is another one than a client was in sync with, going by what was told of that one's snapshot. A
 * snapshot of a lower number than the head's, without a root, is no longer kept: numbers of one project go on for ever.
 */
export function isOtherProject(
  { knownRoot, head }: Pick<BeginPullResponse, "knownRoot" | "head">,
  { snapshot, root }: { readonly snapshot: number; readonly root?: string | undefined },
): boolean {
  return knownRoot === undefined ? head <= snapshot : knownRoot !== root;
}

/** A snapshot as it is read over the network. */
export interface RemoteSnapshot {
  readonly facts: BeginPullResponse;
  readonly snapshot: StoredSnapshot;
  readonly tree: OpenTree;
}

/**
 * A project read from outside: one request names a snapshot's packs, the rest are ranges of those, past the server.
 * Everything is checked against its hash. What was read once, or is known from elsewhere, is not read again.
 */
export class RemoteProject {
  readonly #options: RemoteProjectOptions;
  readonly #caches: ReaderCaches = makeReaderCaches(CACHE_BYTES);
  /** Whose trees are known, mostly. */
  #knownRoot: BlobReference | undefined;
  /** Of packs, so far. */
  readonly received = { requests: 0, bytes: 0 };

  constructor(options: RemoteProjectOptions) {
    this.#options = options;
  }

  /** Trees of these files need not be read: for a folder that has an earlier snapshot, only changed ones are. */
  learn(leaves: Leaves): void {
    const placed = [...leaves].map(([path, leaf]) => ({ ...leaf, path }));
    this.keep(buildTrees(placed, this.#options.codec));
  }

  /** Nor these, with the root among them: what a push has just made. */
  keep({ root, trees, entries }: BuiltTrees): void {
    for (const [blob, decoded] of entries) {
      const bytes = trees.get(blob)?.length ?? 0;
      this.#caches.trees.set(`${TENANT}/${blob}`, decoded, bytes * 3 + 500);
    }
    this.#knownRoot = root;
  }

  /** The facts alone; undefined: there is no such project. @throws RefusedError `not_found` for a snapshot. */
  async look(
    request: Omit<BeginPullRequest, "project"> = {},
  ): Promise<BeginPullResponse | undefined> {
    const { project, transport } = this.#options;
    try {
      return await transport.begin({ project, ...request });
    } catch (cause) {
      const isNew = cause instanceof RefusedError && cause.code === "not_found";
      if (isNew && request.snapshot === undefined) return undefined;
      throw cause;
    }
  }

  /** The newest snapshot or one by its number; undefined: there is no such project. */
  async open(number?: number): Promise<RemoteSnapshot | undefined> {
    const facts = await this.look(number === undefined ? {} : { snapshot: number });
    return facts && this.read(facts);
  }

  /** The snapshot that was looked at, unless it was the known one. */
  async read(facts: BeginPullResponse): Promise<RemoteSnapshot> {
    const { project, codec } = this.#options;
    const { snapshot: number, packs: references, ...record } = facts;
    const packs = this.#openPacks(facts);
    const caches = this.#caches;
    const newestFirst = this.#knownRoot !== undefined;
    const blobs = new BlobReader({ tenant: TENANT, packs, codec, caches, newestFirst });
    const stored = { ...record, project, number, packs: references };
    const isKnown = this.#knownRoot?.blob === facts.root;
    const place = isKnown ? this.#knownRoot : await blobs.find(facts.root);
    if (!place) throw new RefusedError("corrupt", `Snapshot ${number} has no root tree.`);
    const root = { blob: facts.root, bytes: place.bytes };
    return { facts, snapshot: new StoredSnapshot(stored, blobs, root), tree: { root, blobs } };
  }

  #openPacks({ snapshot, packs }: BeginPullResponse): readonly Pack[] {
    const { codec, transport } = this.#options;
    const urls = new Map(packs.map(({ id, url }) => [id, url]));
    let renewing: Promise<void> | undefined;
    const renew = async () => {
      for (const { id, url } of (await this.look({ snapshot }))?.packs ?? []) urls.set(id, url);
    };
    const readPack = async (id: string, start: number, length: number) => {
      this.received.requests += 1;
      this.received.bytes += length;
      const url = urls.get(id) ?? "";
      try {
        return await transport.read(url, start, length);
      } catch (cause) {
        if (!(cause instanceof RefusedError) || cause.code !== "expired") throw cause;
        // Many reads meet an end at once; the URLs are asked for by the first.
        if (urls.get(id) === url) {
          renewing ??= renew().finally(() => {
            renewing = undefined;
          });
          await renewing;
        }
        return transport.read(urls.get(id) ?? "", start, length);
      }
    };
    return packs.map(({ id, bytes, indexBytes }) => {
      const read = (start: number, length: number) => readPack(id, start, length);
      return new Pack({ key: id, bytes, indexBytes, read }, codec, this.#caches);
    });
  }
}

/**
 * Every file and link of a snapshot. Paths and targets are checked once more: who serves them is not trusted with the
 * caller's folder. @throws RefusedError `invalid_path`.
 */
export async function readLeaves({ snapshot }: RemoteSnapshot): Promise<Leaves> {
  const leaves = new Map<string, Leaf>();
  for await (const { path, ...entry } of snapshot.walk()) {
    parsePath(path);
    if (entry.kind === "link" && leavesTree(path, entry.target)) {
      throw new RefusedError("invalid_path", `${path} links out of the project: ${entry.target}`);
    }
    leaves.set(path, entry);
  }
  return leaves;
}
