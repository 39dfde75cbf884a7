import type { Principal } from "../access/principal.ts";
import { MIB } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { RefusedError } from "../lib/error.ts";
import { openWriting } from "../workspace/change/writing.ts";
import type { RetentionPolicy } from "../workspace/collect/retention-policy.ts";
import { type SweepReport, sweep } from "../workspace/collect/sweep.ts";
import { PullService } from "../workspace/pull-service.ts";
import {
  type PushOrder,
  type PushOutcome,
  type PushTransport,
  push,
} from "../workspace/push-client.ts";
import { PushService } from "../workspace/push-service.ts";
import type { SourceFile } from "../workspace/push-source.ts";
import { makeReaderCaches } from "../workspace/reader-caches.ts";
import { RemoteProject } from "../workspace/remote-project.ts";
import type { OnCommit } from "../workspace/snapshot-store.ts";
import { StorageAccount, type StorageLimits } from "../workspace/storage/storage-account.ts";
import { StoredProjects } from "../workspace/stored-projects.ts";
import { codecZlib } from "./codec-zlib.ts";
import { MemoryDueProjects } from "./due-projects-memory.ts";
import { MemoryPackStore } from "./pack-store-memory.ts";
import { MemoryProjectChoices } from "./project-choices-memory.ts";
import { MemorySnapshotStore } from "./snapshot-store-memory.ts";
import { MemoryUsageStore } from "./usage-store-memory.ts";

/** Content by path; `{ link }` is a symbolic link, a path that ends in `*` an executable. */
export type Files = Readonly<Record<string, string | Uint8Array | { readonly link: string }>>;

/** The workspace over memory stores, with a push that needs no network. */
export class MemoryWorkspace {
  /** Milliseconds since the epoch; a test moves it. */
  now = 1_790_000_000_000;
  readonly clock: Clock = { now: () => this.now, sleep: async () => undefined };
  readonly codec = codecZlib;
  readonly packs = new MemoryPackStore(this.clock);
  readonly snapshots = new MemorySnapshotStore();
  readonly choices = new MemoryProjectChoices();
  readonly usage = new MemoryUsageStore();
  readonly due = new MemoryDueProjects();
  /** A test lowers them. */
  readonly limits: { -readonly [limit in keyof StorageLimits]: number } = {
    ...{ storedBytes: 1024 * MIB, projects: 100 },
    ...{ filesPerProject: 200_000, snapshotsPerProject: 20_000 },
  };
  readonly storage = new StorageAccount({
    ...{ usage: this.usage, due: this.due, snapshots: this.snapshots, clock: this.clock },
    limits: this.limits,
  });
  /** Projects and numbers of the snapshots committed so far, as listeners were told. */
  readonly commits: string[] = [];
  /** What the collector failed on. */
  readonly errors: string[] = [];
  readonly #stores = {
    snapshots: this.snapshots,
    packs: this.packs,
    codec: codecZlib,
    clock: this.clock,
    storage: this.storage,
  };
  readonly service = new PushService({
    ...this.#stores,
    caches: makeReaderCaches(16_000_000),
    onCommit: (...commit) => this.#onCommit(...commit),
  });
  readonly #onCommit: OnCommit = async (_, { project, number }) => {
    this.commits.push(`${project} ${number}`);
  };

  /** Projects with caches of their own: what a cold process sees. */
  projects(who: Partial<Principal> = {}): StoredProjects {
    const { snapshots, packs, choices, codec } = this;
    const principal = makePrincipal(who);
    const caches = makeReaderCaches(64_000_000);
    const writing = async () => openWriting({ ...this.#stores, onCommit: this.#onCommit });
    return new StoredProjects({ principal, snapshots, packs, choices, codec, caches, writing });
  }

  transport(principal = makePrincipal()): PushTransport {
    return {
      begin: (request) => this.service.begin({ ...request, principal }),
      upload: (request) => this.service.upload({ ...request, principal }),
      commit: (request) => this.service.commit({ ...request, principal }),
      put: async (url, body) => {
        if (!(await this.packs.upload(url, body))) throw new Error(`${url} was refused.`);
      },
    };
  }

  /** A project as a client reads it, without what another one has read. */
  remote(project: string, principal = makePrincipal()): RemoteProject {
    const pulls = new PullService(this);
    return new RemoteProject({
      project,
      codec: codecZlib,
      transport: {
        begin: (request) => pulls.begin({ ...request, principal }),
        read: async (url, start, length) => {
          const bytes = await this.packs.download(url, start, length);
          if (bytes) return bytes;
          throw new RefusedError("expired", "The URL no longer serves the pack.");
        },
      },
    });
  }

  /** One run of the collector; it begins with nothing after `until`. */
  sweep(retention: RetentionPolicy, until = this.now + 1): Promise<SweepReport> {
    const { snapshots, packs, usage, due, clock } = this;
    const logger = {
      info: () => undefined,
      error: (message: string, cause: unknown) => this.errors.push(`${message}: ${cause}`),
    };
    const ports = { archive: snapshots, inventory: packs, usage, due, clock, logger, retention };
    return sweep(ports, until);
  }

  /** Pushes files as the project's next snapshot. */
  push(project: string, files: Files, order: Partial<PushOrder> = {}): Promise<PushOutcome> {
    return push({
      project,
      message: "",
      source: { list: async () => toSourceFiles(files) },
      transport: this.transport(),
      codec: codecZlib,
      ...order,
    });
  }
}

export function makePrincipal(given: Partial<Principal> = {}): Principal {
  return {
    tenant: "u-ada",
    subject: "ada",
    username: "ada",
    clientId: "client",
    issuer: "https://issuer.example",
    scopes: new Set(["write"]),
    expiresAt: 1_790_000_600_000,
    ...given,
  };
}

export function toSourceFiles(files: Files): readonly SourceFile[] {
  return Object.entries(files).map(([name, value]) => {
    const path = name.replace(/\*$/, "");
    if (typeof value === "object" && "link" in value) {
      return { kind: "link", path, target: value.link };
    }
    const content = typeof value === "string" ? new TextEncoder().encode(value) : value;
    const executable = path !== name;
    return { kind: "file", path, executable, bytes: content.length, read: async () => content };
  });
}
