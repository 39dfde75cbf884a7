import { DAY, HOUR, MINUTE } from "../lib/duration.ts";
import { RefusedError } from "../lib/error.ts";
import type { FileChange } from "../workspace/change/file-change.ts";
import { openWriting } from "../workspace/change/writing.ts";
import { type CollectPorts, collectProject } from "../workspace/collect/collect-project.ts";
import { sweep } from "../workspace/collect/sweep.ts";
import { differences } from "../workspace/compare/differences.ts";
import { push } from "../workspace/push-client.ts";
import { PushService } from "../workspace/push-service.ts";
import type { CommitPushRequest } from "../workspace/push-wire.ts";
import { makeReaderCaches } from "../workspace/reader-caches.ts";
import type { SnapshotRecord } from "../workspace/snapshot-store.ts";
import { StorageAccount } from "../workspace/storage/storage-account.ts";
import { StoredProjects } from "../workspace/stored-projects.ts";
import { allPages } from "./all-pages.ts";
import { TurnTaker } from "./turn-taker.ts";
import { MemoryWorkspace, makePrincipal, toSourceFiles } from "./workspace-memory.ts";

export const TENANT = "u-ada";
export const PROJECT = "app";

const LAMBDA_MS = 15 * MINUTE;
const RETENTION = { snapshotsKept: 3, daysKept: 1 };
const KINDS = [
  ...(["push", "push", "edit", "edit", "restore", "restore", "read"] as const),
  ...(["collect", "collect", "collect", "delete"] as const),
];

/** Stands for whoever got a record and may still read it. */
interface Held {
  readonly record: SnapshotRecord;
  readonly until: number;
}

/**
 * A project on which many work at once: each waits before each of its requests until it is let on, and may be broken
 * off there. Times are kept as they are in the cloud: a call is ended after 15 minutes, a job after 24 hours.
 */
export class InterleavedWorkspace {
  readonly workspace = new MemoryWorkspace();
  commits = 0;
  forgotten = 0;
  removed = 0;
  broken = 0;
  restored = 0;
  deleted = 0;
  #takers: TurnTaker[] = [];
  #held: Held[] = [];
  #started = 0;

  /** With a first snapshot. */
  static async begun(): Promise<InterleavedWorkspace> {
    const world = new InterleavedWorkspace();
    await world.workspace.push(PROJECT, makeFiles(0));
    return world;
  }

  /** Begins something new; `who` chooses what. */
  start(who: number): void {
    const kind = KINDS[who % KINDS.length] ?? "read";
    const taker = new TurnTaker();
    this.#started += 1;
    const seed = this.#started;
    const runs = {
      push: () => this.#push(taker, seed),
      edit: () => this.#edit(taker, seed),
      restore: () => this.#restore(taker, seed),
      read: () => this.#read(taker),
      delete: () => this.#delete(taker),
      collect: () => this.#collect(taker),
    };
    taker.run(runs[kind]);
    this.#takers.push(taker);
  }

  /** Lets one of those who wait make some requests, one after the other. */
  async step(who: number, requests: number): Promise<void> {
    const waiting = this.#takers.filter((taker) => taker.isWaiting);
    const chosen = waiting[who % Math.max(waiting.length, 1)];
    for (let left = requests; chosen?.isWaiting && left > 0; left -= 1) {
      await chosen.letOn();
      this.check();
    }
  }

  async break(who: number): Promise<void> {
    const waiting = this.#takers.filter((taker) => taker.isWaiting);
    const chosen = waiting[who % Math.max(waiting.length, 1)];
    if (!chosen) return;
    this.broken += 1;
    await chosen.breakOff();
  }

  /** Whoever would be over time by then does not get that far. */
  async advance(ms: number): Promise<void> {
    const now = this.workspace.now + ms;
    for (const taker of this.#takers) {
      if (taker.deadline > now) continue;
      this.broken += 1;
      await taker.breakOff();
    }
    this.workspace.now = now;
    this.#held = this.#held.filter(({ until }) => until > now);
  }

  /** @throws Error when a pack is gone that somebody may still read. */
  check(): void {
    const keys = new Set(this.workspace.packs.keys());
    const records = new Map(this.#held.map(({ record }) => [record.number, record]));
    for (const record of records.values()) checkPacks(record, keys);
  }

  /** Ends everybody, then lets the collector come by as it does, as long as something is due. */
  async end(): Promise<void> {
    for (const taker of this.#takers) await taker.breakOff();
    const { due, clock } = this.workspace;
    const logger = {
      info: () => undefined,
      error: (_: string, cause: unknown) => {
        throw cause;
      },
    };
    const left = () => allPages(due.due(Number.MAX_SAFE_INTEGER));
    for (let looks = 0; (await left()).length > 0; looks += 1) {
      if (looks > 12) throw new Error("The collector comes to no end.");
      await this.advance(26 * HOUR);
      const ports = { ...this.#ports(), due, logger };
      this.#add(await sweep(ports, clock.now() + 1));
    }
  }

  /** Reads all of a snapshot as a cold process does. */
  async readWhole(number: number): Promise<void> {
    const snapshot = await this.workspace.projects().openAt(PROJECT, number);
    for await (const file of snapshot.walk()) {
      if (file.kind === "file") await snapshot.read(file.path, 1_000);
    }
  }

  #hold<Result>(result: Result): Result {
    const records = [result].flat() as (SnapshotRecord | undefined | boolean)[];
    for (const record of records) {
      if (typeof record !== "object") continue;
      this.#held.push({ record, until: this.workspace.now + DAY });
    }
    return result;
  }

  #stores(taker: TurnTaker) {
    const { snapshots, packs, usage, due, clock, codec } = this.workspace;
    const gated = {
      snapshots: taker.gate(snapshots, (result) => this.#hold(result)),
      packs: taker.gate(packs),
    };
    const storage = new StorageAccount({
      ...{ usage: taker.gate(usage), due: taker.gate(due), snapshots: gated.snapshots, clock },
      limits: this.workspace.limits,
    });
    return { ...gated, clock, codec, storage, caches: makeReaderCaches(1_000_000) };
  }

  #projects(taker: TurnTaker): StoredProjects {
    const { choices } = this.workspace;
    const stores = this.#stores(taker);
    const writing = async () => openWriting(stores);
    return new StoredProjects({ ...stores, choices, writing, principal: makePrincipal() });
  }

  /** A client that sends its commit again, with the same uploads, when it was broken off or others were first. */
  async #push(taker: TurnTaker, seed: number): Promise<void> {
    const stores = this.#stores(taker);
    const service = new PushService(stores);
    const principal = makePrincipal();
    const commit = async (request: CommitPushRequest, attempt = 1) => {
      await taker.turn();
      const head = await this.workspace.snapshots.head(TENANT, PROJECT);
      const base = attempt === 1 ? request.base : (head?.number ?? 0);
      try {
        taker.deadline = this.workspace.now + LAMBDA_MS;
        const answer = await service.commit({ ...request, base, principal });
        this.commits += 1;
        return answer;
      } catch (cause) {
        const isRefused = cause instanceof RefusedError && cause.code !== "conflict";
        if (attempt === 3 || isRefused) throw cause;
        taker.revive();
        return commit(request, attempt + 1);
      }
    };
    await push({
      project: PROJECT,
      message: "",
      codec: stores.codec,
      source: { list: async () => toSourceFiles(makeFiles(seed)) },
      transport: {
        begin: (request) => service.begin({ ...request, principal }),
        upload: (request) => service.upload({ ...request, principal }),
        put: async (url, body) => {
          await taker.turn();
          await this.workspace.packs.upload(url, body);
        },
        commit,
      },
    });
  }

  async #edit(taker: TurnTaker, seed: number): Promise<void> {
    const projects = this.#projects(taker);
    taker.deadline = this.workspace.now + DAY;
    const base = await projects.open(PROJECT);
    await taker.turn();
    taker.deadline = Math.min(taker.deadline, this.workspace.now + LAMBDA_MS);
    const content = new TextEncoder().encode(`edited ${seed}`);
    const path = `${seed % 3}.txt`;
    await projects.change(base, [{ kind: "file", path, content, executable: false }], "");
    this.commits += 1;
  }

  /** Makes an old snapshot the newest one again, out of the packs it lies in; a worker would have a day for it, too. */
  async #restore(taker: TurnTaker, seed: number): Promise<void> {
    const projects = this.#projects(taker);
    taker.deadline = this.workspace.now + DAY;
    const past = await projects.history(PROJECT, { limit: 20 });
    const [head, old] = [past[0], past[seed % Math.max(past.length, 1)]];
    if (!head || !old || old.deleted) return;
    const changes: FileChange[] = [];
    for await (const { path, after } of differences({ from: head, to: old, path: "" })) {
      const copy = { kind: "copy" as const, path, from: path, snapshot: old };
      changes.push(after ? copy : { kind: "absent", path });
    }
    const { number } = await projects.change(head, changes, "");
    if (number === head.number) return;
    this.commits += 1;
    this.restored += 1;
  }

  async #delete(taker: TurnTaker): Promise<void> {
    taker.deadline = this.workspace.now + LAMBDA_MS;
    await this.#projects(taker).delete(PROJECT);
    this.deleted += 1;
  }

  /** A job that reads its snapshot again and again. */
  async #read(taker: TurnTaker): Promise<void> {
    taker.deadline = this.workspace.now + DAY;
    const snapshot = await this.#projects(taker).open(PROJECT);
    for await (const file of snapshot.walk()) {
      await taker.turn();
      if (file.kind === "file") await snapshot.read(file.path, 1_000);
    }
  }

  async #collect(taker: TurnTaker): Promise<void> {
    taker.deadline = this.workspace.now + LAMBDA_MS;
    const { archive, inventory, usage, ...rest } = this.#ports();
    const ports = {
      ...rest,
      archive: taker.gate(archive),
      inventory: taker.gate(inventory),
      usage: taker.gate(usage),
    };
    this.#add(await collectProject(ports, { tenant: TENANT, project: PROJECT }));
  }

  #ports(): CollectPorts {
    const { snapshots, packs, usage, clock } = this.workspace;
    return { archive: snapshots, inventory: packs, usage, clock, retention: RETENTION };
  }

  #add({ forgotten, deletedPacks }: { forgotten: number; deletedPacks: number }): void {
    this.forgotten += forgotten;
    this.removed += deletedPacks;
  }
}

/** @throws Error. */
function checkPacks({ number, packs }: SnapshotRecord, keys: ReadonlySet<string>): void {
  for (const { id } of packs) {
    if (keys.has(`users/${TENANT}/projects/${PROJECT}/packs/${id}`)) continue;
    throw new Error(`The pack ${id} of snapshot ${number} is gone.`);
  }
}

/** Three files, of which a push mostly changes one; half of them come back to what was there before. */
function makeFiles(seed: number): Record<string, string> {
  return {
    "0.txt": `zero ${seed % 2}`,
    "1.txt": `one ${seed}`,
    "2.txt": `two ${seed % 3}`,
  };
}
