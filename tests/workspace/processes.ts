import {
  type Clock,
  type Codec,
  makeReaderCaches,
  type PackStore,
  type Projects,
  type PullTransport,
  type PushTransport,
  type ReaderCaches,
  RefusedError,
  type Snapshot,
  type SnapshotRecord,
  type SnapshotStore,
  StoredProjects,
  UnavailableError,
} from "@zenode/core";
import { PullService, PushService } from "@zenode/core/push-pull";
import {
  type DueProject,
  type DueProjects,
  openWriting,
  type PackInventory,
  type SnapshotArchive,
  StorageAccount,
  type SweepReport,
  sweep,
  type UsageStore,
} from "@zenode/core/storage";
import { MemoryProjectChoices, makePrincipal } from "@zenode/core/testing";
import type { Retention } from "./retention.ts";
import type { Mortal, Scheduler } from "./scheduler.ts";
import type { State } from "./state.ts";
import type { Weather } from "./weather.ts";

const CACHE_BYTES = 8_000_000;

/** The stores that all processes share, and the PUT that a signed URL stands for. */
export interface Stores {
  readonly tenant: string;
  readonly snapshots: SnapshotStore;
  /** The collector's side of the snapshots and of the packs. */
  readonly archive: SnapshotArchive;
  readonly packs: PackStore;
  readonly inventory: PackInventory;
  readonly usage: UsageStore;
  readonly due: DueProjects;
  readonly codec: Codec;
  readonly clock: Clock;
  upload(url: string, body: Uint8Array): Promise<boolean>;
  /** The GET that a signed URL stands for; undefined: refused. */
  download(url: string, start: number, length: number): Promise<Uint8Array | undefined>;
  /** Lets time go by; absent: it is not ours to move. */
  advance?(ms: number): void;
}

/** What a tenant may store: more than any sequence does. */
function accountOf({ usage, due, snapshots, clock }: Stores): StorageAccount {
  const limits = {
    storedBytes: 2 ** 40,
    projects: 1_000,
    filesPerProject: 200_000,
    snapshotsPerProject: 20_000,
  };
  return new StorageAccount({ usage, due, snapshots, clock, limits });
}

/** What a test breaks on purpose, to see it noticed. */
export interface Sabotage {
  /** Once, before anything begins: the stores as the judge sees them, too. */
  world?(stores: Stores): void;
  stores?(stores: Stores): Stores;
  projects?(projects: Projects): Projects;
  caches?(caches: ReaderCaches): ReaderCaches;
  pull?(transport: PullTransport): PullTransport;
  /** Leaves out that listeners are told. */
  readonly silent?: boolean;
}

export interface ProcessOptions {
  readonly stores: Stores;
  /** Absent: calls go to the stores as they come. */
  readonly scheduler?: Scheduler;
  readonly weather: Weather;
  readonly retention: Retention;
  readonly sabotage: Sabotage;
  /** Told of each new snapshot, as listeners are. */
  announce(record: SnapshotRecord): void;
}

/** A process of the platform: caches of its own, and stores that may fail it at each call. */
export class Process implements Mortal {
  dead = false;
  /** Folders that were in sync with what is told. */
  readonly folders: { readonly project: string; readonly base: State }[] = [];
  /** Snapshots that something in it still reads, and when it got them. */
  readonly held: { readonly snapshot: Snapshot; readonly since: number }[] = [];
  readonly #options: ProcessOptions;
  readonly #stores: Stores;
  readonly #caches: ReaderCaches;

  constructor(options: ProcessOptions) {
    this.#options = options;
    const { stores, sabotage } = options;
    const caches = makeReaderCaches(CACHE_BYTES);
    this.#caches = sabotage.caches?.(caches) ?? caches;
    const real = sabotage.stores?.(stores) ?? stores;
    this.#stores = {
      ...real,
      snapshots: this.#fragile(real.snapshots),
      archive: this.#fragile(real.archive, "records"),
      packs: this.#fragile(real.packs),
      inventory: this.#fragile(real.inventory, "list"),
      usage: this.#fragile(real.usage),
      due: this.#fragile(real.due, "due"),
      upload: (url, body) => this.#call(() => real.upload(url, body)),
      download: (...range) => this.#call(() => real.download(...range)),
    };
  }

  projects(username: string): Projects {
    const principal = makePrincipal({ tenant: this.#stores.tenant, username });
    const options = this.#serverOptions();
    const projects = new StoredProjects({
      ...options,
      choices: new MemoryProjectChoices(),
      writing: async () => openWriting(options),
      principal,
    });
    return this.#options.sabotage.projects?.(projects) ?? projects;
  }

  transport(username: string): PushTransport {
    const principal = makePrincipal({ tenant: this.#stores.tenant, username });
    const service = new PushService(this.#serverOptions());
    return {
      begin: (request) => service.begin({ ...request, principal }),
      upload: (request) => service.upload({ ...request, principal }),
      commit: (request) => service.commit({ ...request, principal }),
      put: async (url, body) => {
        if (!(await this.#stores.upload(url, body))) throw new Error(`${url} was refused.`);
      },
    };
  }

  pullTransport(username: string): PullTransport {
    const principal = makePrincipal({ tenant: this.#stores.tenant, username });
    const service = new PullService(this.#stores);
    const transport: PullTransport = {
      begin: (request) => service.begin({ ...request, principal }),
      read: async (url, start, length) => {
        const content = await this.#stores.download(url, start, length);
        if (content) return content;
        throw new RefusedError("expired", `${url} no longer serves it.`);
      },
    };
    return this.#options.sabotage.pull?.(transport) ?? transport;
  }

  /** As the collector's function does; `urgent`: this project at once, whether it is due or somebody else's by now. */
  async collect(urgent: string | undefined): Promise<SweepReport> {
    const { archive, inventory, usage, due, clock, tenant } = this.#stores;
    const causes: unknown[] = [];
    const report = await sweep(
      {
        ...{ archive, inventory, usage, clock, retention: this.#options.retention },
        due:
          urgent === undefined ? due : onlyDue({ tenant, project: urgent, dueAt: 0, notedAt: 0 }),
        logger: { info: () => undefined, error: (_, cause) => void causes.push(cause) },
      },
      Number.POSITIVE_INFINITY,
    );
    if (causes.length > 0) throw causes[0];
    return report;
  }

  #serverOptions() {
    const { announce, sabotage } = this.#options;
    const onCommit = async (_: string, record: SnapshotRecord) => announce(record);
    const { snapshots, packs, codec, clock } = this.#stores;
    const storage = accountOf(this.#stores);
    const common = { snapshots, packs, storage, codec, clock, caches: this.#caches };
    return sabotage.silent ? common : { ...common, onCommit };
  }

  /** The same store, each of its calls at its turn and with its fate; `paged` gives pages, each by a call. */
  #fragile<Store extends object>(store: Store, paged?: keyof Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        if (name === paged) {
          return (...given: unknown[]) => this.#pages(member.apply(target, given));
        }
        return (...given: unknown[]) =>
          this.#call(async () => (await member.apply(target, given)) as unknown);
      },
    });
  }

  async *#pages<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page> {
    const iterator = pages[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#call(() => iterator.next());
      if (next.done) return;
      yield next.value;
    }
  }

  #call<T>(effect: () => Promise<T>): Promise<T> {
    const { scheduler } = this.#options;
    if (!scheduler) return this.#meet(effect);
    return scheduler.call(this, () => this.#meet(effect));
  }

  async #meet<T>(effect: () => Promise<T>): Promise<T> {
    const { weather, scheduler } = this.#options;
    switch (weather.draw()) {
      case "done":
        return effect();
      case "refused":
        throw new UnavailableError("The store is throttled.");
      case "answer-lost":
        await effect();
        throw new UnavailableError("The store's answer is lost.");
      case "late":
        scheduler?.later(effect);
        throw new UnavailableError("The store does not answer in time.");
      case "dies-before":
        return this.#die();
      case "dies-after":
        await effect();
        return this.#die();
    }
  }

  #die(): Promise<never> {
    this.dead = true;
    return new Promise(() => undefined);
  }
}

/** A list with one project, which is nobody's. */
function onlyDue(project: DueProject): DueProjects {
  return {
    note: async () => undefined,
    due: async function* () {
      yield [project];
    },
    claim: async () => project,
    postpone: async () => undefined,
    drop: async () => undefined,
  };
}
