import type { ArchivedRecord, StoredPack } from "@zenode/core/storage";
import type { Line } from "./judge-refusal.ts";
import type { Stores } from "./processes.ts";
import { GRACE_MS, leftInTheEnd, mayBeForgotten, type Retention } from "./retention.ts";

/** What was found of a project in the store so far. */
interface Found {
  /** When each of the snapshots that are no longer kept was forgotten. */
  readonly forgotten: Map<number, number>;
  readonly erased: Set<number>;
  packs: ReadonlyMap<string, StoredPack>;
}

/** Snapshots that were forgotten, records and packs that were removed. */
export interface Collected {
  readonly forgotten: number;
  readonly erased: number;
  readonly packs: number;
}

/** A project after a round. */
interface Scene {
  readonly project: string;
  readonly line: Line;
  readonly found: Found;
  readonly now: number;
  readonly hasCollected: boolean;
  readonly records: readonly ArchivedRecord[];
  readonly packs: ReadonlyMap<string, StoredPack>;
}

/** Knows what the collector may remove at a time, and what it must have in the end. */
export class StorageJudge {
  readonly collected = { forgotten: 0, erased: 0, packs: 0 };
  readonly #stores: Stores;
  readonly #retention: Retention;
  readonly #found = new Map<string, Found>();
  #faults: string[] = [];

  constructor(stores: Stores, retention: Retention) {
    this.#stores = stores;
    this.#retention = retention;
  }

  /** What is wrong after a round; notes the snapshots that are no longer kept. */
  async judge(lines: ReadonlyMap<string, Line>, hasCollected: boolean): Promise<readonly string[]> {
    this.#faults = [];
    const now = this.#stores.clock.now();
    for (const [project, line] of lines) {
      const none: Found = { forgotten: new Map(), erased: new Set(), packs: new Map() };
      const found = this.#found.get(project) ?? none;
      this.#found.set(project, found);
      const stored = await this.#look(project);
      const scene = { project, line, found, now, hasCollected, ...stored };
      this.#judgeRecords(scene);
      this.#judgePacks(scene);
      found.packs = stored.packs;
    }
    return this.#faults;
  }

  /** What is wrong once all time has gone by: nothing is left that no kept snapshot needs. */
  async judgeEnd(
    lines: ReadonlyMap<string, Line>,
    before: ReadonlyMap<string, readonly number[]>,
  ): Promise<readonly string[]> {
    this.#faults = [];
    const { due } = this.#stores;
    for (const [project, line] of lines) {
      await this.#judgeLeft(project, line, before.get(project) ?? []);
    }
    for (const { project } of await allOf(due.due(Number.MAX_SAFE_INTEGER))) {
      this.#fault(`${project} is due for ever.`);
    }
    return this.#faults;
  }

  async #judgeLeft(project: string, line: Line, before: readonly number[]): Promise<void> {
    const { usage, tenant } = this.#stores;
    const { records, packs } = await this.#look(project);
    const kept = leftInTheEnd(line.records, before, this.#retention);
    const numbers = records.map(({ number }) => number).toReversed();
    if (numbers.join() !== kept.join()) this.#fault(`${project} keeps ${numbers}, not ${kept}.`);
    const named = new Set(records.flatMap((record) => record.packs.map(({ id }) => id)));
    const left = [...packs.keys()].filter((id) => !named.has(id));
    if (left.length > 0) this.#fault(`${left} of ${project} are left, and nobody's.`);
    const counted = (await usage.list(tenant)).find((count) => count.project === project);
    const bytes = [...packs.values()].reduce((sum, pack) => sum + pack.bytes, 0);
    const erased = line.states.length - 1 - records.length;
    const [told, is] = [`${counted?.bytes ?? 0}, ${counted?.erased ?? 0}`, `${bytes}, ${erased}`];
    if (told !== is) this.#fault(`Bytes and erased records of ${project} are ${is}, not ${told}.`);
  }

  #fault(text: string): void {
    this.#faults.push(text);
  }

  async #look(project: string): Promise<Pick<Scene, "records" | "packs">> {
    const { archive, inventory, tenant } = this.#stores;
    const records = await allOf(archive.records(tenant, project));
    const packs = await allOf(inventory.list(tenant, project));
    return { records, packs: new Map(packs.map((pack) => [pack.id, pack])) };
  }

  #judgeRecords(scene: Scene): void {
    const { project, line, records } = scene;
    const there = new Map(records.map((record) => [record.number, record]));
    for (let number = 1; number < line.states.length; number++) {
      const record = there.get(number);
      if (record && record.forgottenAt === undefined) {
        if (line.gone.has(number)) this.#fault(`${project} ${number} was forgotten, and is back.`);
        continue;
      }
      if (record?.forgottenAt === undefined) this.#judgeErased(scene, number);
      else this.#judgeForgotten(scene, number, record.forgottenAt);
      line.gone.add(number);
    }
  }

  #judgeErased({ project, found, now }: Scene, number: number): void {
    if (found.erased.has(number)) return;
    found.erased.add(number);
    this.collected.erased += 1;
    const since = found.forgotten.get(number);
    if (since !== undefined && now - since >= GRACE_MS) return;
    this.#fault(`The record of ${project} ${number} is gone, and who got it may still read it.`);
  }

  #judgeForgotten(scene: Scene, number: number, at: number): void {
    const { project, line, found, now, hasCollected } = scene;
    const since = found.forgotten.get(number);
    if (since !== undefined) {
      if (since !== at) this.#fault(`${project} ${number} was forgotten twice.`);
      return;
    }
    found.forgotten.set(number, at);
    this.collected.forgotten += 1;
    if (!hasCollected) this.#fault(`${project} ${number} is forgotten, and nobody collected.`);
    if (at > now) this.#fault(`${project} ${number} was forgotten at ${at}, which is to come.`);
    if (!mayBeForgotten(line.records, number, this.#retention, now))
      this.#fault(`${project} ${number} is forgotten, and was to be kept.`);
  }

  #judgePacks({ project, found, now, hasCollected, records, packs }: Scene): void {
    // A record that was forgotten so long ago is nobody's any more.
    for (const { number, forgottenAt = now, packs: named } of records) {
      const lost = named.filter(({ id, bytes }) => packs.get(id)?.bytes !== bytes);
      if (lost.length === 0 || now - forgottenAt >= GRACE_MS) continue;
      this.#fault(
        `${project} ${number} may be read, and ${lost.map(({ id }) => id)} is not there.`,
      );
    }
    const removed = [...found.packs.values()].filter(({ id }) => !packs.has(id));
    this.collected.packs += removed.length;
    for (const { id, storedAt } of removed) {
      if (now - storedAt >= GRACE_MS && hasCollected) continue;
      this.#fault(`${id} of ${project} is gone, and somebody may be about to name it.`);
    }
  }
}

export async function allOf<Item>(pages: AsyncIterable<readonly Item[]>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
