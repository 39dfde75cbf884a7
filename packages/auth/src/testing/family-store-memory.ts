import type { Family, FamilyStore, Move } from "../token/family.ts";
import type { FamilyId } from "../token/refresh-token.ts";

type Held = Family | { readonly revoked: true; readonly expiresAt: number };

/** FamilyStore in this process's memory. */
export class MemoryFamilyStore implements FamilyStore {
  readonly #families = new Map<FamilyId, Held>();

  async create(family: Family): Promise<boolean> {
    const held = this.#families.get(family.id);
    if (held) return "hash" in held && held.hash === family.hash && !held.revoked;
    this.#families.set(family.id, structuredClone(family));
    return true;
  }

  async find(id: FamilyId, now: number): Promise<Family | undefined> {
    const held = this.#families.get(id);
    return held && "hash" in held && held.expiresAt > now ? structuredClone(held) : undefined;
  }

  async move(id: FamilyId, move: Move): Promise<boolean> {
    const held = this.#families.get(id);
    if (!held || !("hash" in held) || held.revoked || held.hash !== move.previousHash) return false;
    this.#families.set(id, { ...held, ...move });
    return true;
  }

  async revoke(id: FamilyId, expiresAt: number): Promise<void> {
    const held = this.#families.get(id);
    this.#families.set(id, held ? { ...held, revoked: true } : { revoked: true, expiresAt });
  }
}
