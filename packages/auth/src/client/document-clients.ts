import { type Clock, KIB, type Logger, MINUTE, RefusedError } from "@zenode/core";
import type { Client, ClientRegistry } from "./client.ts";
import { parseClientDocument } from "./client-document.ts";
import { type DocumentIdRules, parseDocumentId } from "./document-id.ts";
import { documentLifetime } from "./document-lifetime.ts";

export interface FetchedDocument {
  readonly bytes: Uint8Array;
  /** The header of that name, if there was one. */
  readonly cacheControl?: string;
}

/** Asks a stranger's server, in nobody's name. */
export interface DocumentFetcher {
  /**
   * One GET without credentials, at a host all of whose addresses are public; no redirect is followed. Takes seconds at most.
   * @param url as `parseDocumentId` let it through
   * @param maxBytes of the body: a larger one is refused, and not read to its end
   * @throws RefusedError `invalid_input`: its host may not be asked, or what it answers is no such document;
   * `unavailable`: it did not answer in time, or not with 200.
   */
  fetch(url: URL, maxBytes: number): Promise<FetchedDocument>;
}

/** `paused`: its host was asked a moment ago, without success, and is not to be asked again yet. */
export type KnownDocument =
  | { readonly kind: "client"; readonly client: Client }
  | { readonly kind: "paused" };

export interface Pause {
  readonly now: number;
  readonly until: number;
}

/** What is known of metadata documents, for as long as they may be kept. Times are milliseconds since the epoch. */
export interface DocumentCache {
  /** Strongly consistent. Undefined: nothing is known, or no longer. */
  find(url: string, now: number): Promise<KnownDocument | undefined>;
  /** Keeps a client by its id, whatever is there: of two at once one stays whole. May be repeated. */
  keep(client: Client, until: number): Promise<void>;
  /** In one conditional write: nothing happens while a client is kept there whose time is not over. May be repeated. */
  pause(url: string, pause: Pause): Promise<void>;
}

export interface DocumentClientsOptions extends DocumentIdRules {
  readonly fetcher: DocumentFetcher;
  readonly cache: DocumentCache;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
}

/** What the draft recommends (its section on the maximum response size). */
const MAX_DOCUMENT_BYTES = 5 * KIB;
const PAUSE_MS = MINUTE;
const URL_SCHEME = /^https?:/i;

/**
 * Clients that are known by the URL of their metadata document. Errors and bad documents are not cached (the draft
 * forbids it): nothing of them is kept, but that URL is asked once a minute at most.
 */
export class DocumentClients implements ClientRegistry {
  readonly #options: DocumentClientsOptions;

  constructor(options: DocumentClientsOptions) {
    this.#options = options;
  }

  async find(clientId: string): Promise<Client | undefined> {
    if (!URL_SCHEME.test(clientId)) return undefined;
    try {
      return await this.#find(parseDocumentId(clientId, this.#options));
    } catch (cause) {
      if (!(cause instanceof RefusedError) || cause.code !== "invalid_input") throw cause;
      const fields = { clientId: clientId.slice(0, 200), why: cause.message };
      this.#options.logger.info("A client's metadata document was not taken.", fields);
      return undefined;
    }
  }

  async #find(url: URL): Promise<Client> {
    const { cache, clock } = this.#options;
    const known = await cache.find(url.href, clock.now());
    if (known?.kind === "client") return known.client;
    if (known?.kind === "paused") throw tooSoon();
    try {
      return await this.#fetch(url);
    } catch (cause) {
      const now = clock.now();
      if (cause instanceof RefusedError) {
        await cache.pause(url.href, { now, until: now + PAUSE_MS });
      }
      throw cause;
    }
  }

  async #fetch(url: URL): Promise<Client> {
    const { fetcher, cache, clock } = this.#options;
    const { bytes, cacheControl } = await fetcher.fetch(url, MAX_DOCUMENT_BYTES);
    const client = parseClientDocument(url.href, bytes);
    await cache.keep(client, clock.now() + documentLifetime(cacheControl));
    return client;
  }
}

function tooSoon(): RefusedError {
  return new RefusedError(
    "unavailable",
    "This client's metadata document could not be had or used a moment ago. Try again in a minute.",
  );
}
