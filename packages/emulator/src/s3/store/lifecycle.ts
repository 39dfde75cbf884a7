import type { BucketTemplate } from "../../template.ts";

const DAY_MS = 86_400_000;

/** Expiration rules by bucket; S3's own rounding up to midnight UTC is left out, so a test can name the moment. */
export class Lifecycle {
  readonly #rules: ReadonlyMap<string, NonNullable<BucketTemplate["expire"]>>;

  constructor(buckets: readonly BucketTemplate[]) {
    this.#rules = new Map(buckets.map(({ name, expire }) => [name, expire ?? []]));
  }

  rules(bucket: string): NonNullable<BucketTemplate["expire"]> {
    return this.#rules.get(bucket) ?? [];
  }

  /** The moment (ms since the epoch) an object vanishes: the earliest of the rules that fit its key. */
  expiry(bucket: string, key: string, modified: number): number | undefined {
    const days = this.rules(bucket)
      .filter(({ prefix }) => key.startsWith(prefix))
      .map((rule) => rule.days);
    return days.length === 0 ? undefined : modified + Math.min(...days) * DAY_MS;
  }
}

/** The time (ms since the epoch) before which an object must have been written to be gone at `now`. */
export function writtenUntil(days: number, now: number): number {
  return now - days * DAY_MS;
}
