import type { RegistrationRate } from "../client/registration-rate.ts";

/** RegistrationRate in this process's memory. */
export class MemoryRegistrationRate implements RegistrationRate {
  readonly #counts = new Map<string, number>();

  async count(who: string, endsAt: number, most: number): Promise<boolean> {
    const key = JSON.stringify([who, endsAt]);
    const count = this.#counts.get(key) ?? 0;
    if (count >= most) return false;
    this.#counts.set(key, count + 1);
    return true;
  }
}
