/** Who asks users for access to zenode, as far as it is known: it says so itself, but for the redirect's host. */
export interface Client {
  /** What it sends as `client_id`: an id of ours, or the https URL of its metadata document. */
  readonly id: string;
  /** `registered`: by itself at `/oauth/register` (RFC 7591). `document`: by its URL. `configured`: by the operator. */
  readonly kind: "registered" | "document" | "configured";
  /** For people, at most 100 characters, without control or direction characters; absent: it has none. */
  readonly name?: string;
  /** Each checked by `parseRedirectUri`; at least one. */
  readonly redirectUris: readonly string[];
  /** An application on the user's machine: any port of its loopback redirects will do (RFC 8252 section 7.3). */
  readonly native: boolean;
}

/** Finds whoever says a `client_id`. */
export interface ClientRegistry {
  /**
   * Undefined: nobody is known by it, no longer, or what it says of itself can't be used.
   * @throws RefusedError `unavailable` where that could not be found out now.
   */
  find(clientId: string): Promise<Client | undefined>;
}
