import type { DocumentFetcher, FetchedDocument } from "@zenode/auth";
import { RefusedError, SECOND } from "@zenode/core";
import { askHost } from "./ask-host.ts";
import { type HostRules, hostAddresses } from "./host-addresses.ts";
import { readDocument } from "./read-document.ts";

export interface NodeDocumentFetcherOptions extends HostRules {
  /** Milliseconds until the headers are there, the look-up of the name included; 3 seconds. */
  readonly headersMs?: number;
  /** Milliseconds until the whole document is there; 5 seconds. */
  readonly totalMs?: number;
  /** PEM of the certificate authorities that are trusted; absent: Node's own. */
  readonly authorities?: string;
}

/** Asks strangers' servers: at addresses that were checked, for a few seconds and kilobytes, without anything of ours. */
export class NodeDocumentFetcher implements DocumentFetcher {
  readonly #options: NodeDocumentFetcherOptions;

  constructor(options: NodeDocumentFetcherOptions) {
    this.#options = options;
  }

  async fetch(url: URL, maxBytes: number): Promise<FetchedDocument> {
    const { headersMs = 3 * SECOND, totalMs = 5 * SECOND, authorities } = this.#options;
    const end = new AbortController();
    const headersDue = setTimeout(() => end.abort(), headersMs);
    const totalDue = setTimeout(() => end.abort(), totalMs);
    try {
      const addresses = await until(end.signal, hostAddresses(url, this.#options));
      const answer = await askHost({ url, addresses, signal: end.signal, authorities });
      clearTimeout(headersDue);
      return await readDocument(answer, maxBytes);
    } catch (cause) {
      throw cause instanceof RefusedError ? cause : unavailable(cause);
    } finally {
      clearTimeout(headersDue);
      clearTimeout(totalDue);
      // Closes the connection of an answer that was not read to its end.
      end.abort();
    }
  }
}

/** A look-up can't be broken off; it is not waited for. */
function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return Promise.race([work, promise]);
}

function unavailable(cause: unknown): RefusedError {
  return new RefusedError(
    "unavailable",
    "This client's metadata document could not be had: its host did not answer as it should within a few seconds.",
    { cause },
  );
}
