import type { Principal } from "../access/principal.ts";
import type { ResourceContext } from "../resource/resource-source.ts";
import type { Serving } from "./exchange.ts";
import { sourceOf, toResourceContext } from "./resources.ts";

/** The version of each resource that was looked at. */
export type Versions = Readonly<Record<string, string>>;

/** Tells which of the resources a client subscribed to have changed since it was last told. */
export class SubscribedResources {
  readonly #sources: Serving["sources"];
  readonly #context: ResourceContext;
  #position: string | undefined;

  constructor(served: Serving, principal: Principal) {
    this.#sources = served.sources;
    this.#context = toResourceContext(served, { principal });
  }

  /** What was seen, and how the others are now: they change from here on. */
  async complete(uris: readonly string[], seen: Versions): Promise<Versions> {
    const unseen = uris.filter((uri) => !Object.hasOwn(seen, uri));
    return { ...(await this.#versionsOf(unseen)), ...seen };
  }

  /**
   * Undefined: nothing is new. A resource that is looked at for the first time has not changed; one
   * that is no longer subscribed to is forgotten.
   */
  async look(
    uris: readonly string[],
    seen: Versions,
  ): Promise<{ readonly changed: readonly string[]; readonly seen: Versions } | undefined> {
    const position = await this.#positionOf(uris);
    if (position === this.#position) return undefined;
    const now = await this.#versionsOf(uris);
    this.#position = position;
    if (isSame(now, seen)) return undefined;
    const changed = uris.filter((uri) => Object.hasOwn(seen, uri) && seen[uri] !== now[uri]);
    return { changed, seen: now };
  }

  async #positionOf(uris: readonly string[]): Promise<string> {
    const positions = await Promise.all(
      this.#sources.map((source) => source.position(this.#context)),
    );
    return JSON.stringify([positions, [...uris].sort()]);
  }

  async #versionsOf(uris: readonly string[]): Promise<Versions> {
    const versions: Record<string, string> = {};
    for (const uri of uris) {
      versions[uri] = (await sourceOf(this.#sources, uri)?.version(this.#context, uri)) ?? "";
    }
    return versions;
  }
}

function isSame(a: Versions, b: Versions): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
