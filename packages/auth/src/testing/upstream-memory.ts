import { randomText } from "../token/base64url.ts";
import type { UpstreamTokenSource, UpstreamTokens } from "../upstream/upstream.ts";

/** Sign-ins at an upstream in this process's memory. */
export class MemoryUpstream implements UpstreamTokenSource {
  readonly #scopes = new Map<string, readonly string[]>();
  /** Refreshes so far. */
  refreshes = 0;
  /** Asked before each answer; a test lets it fail or wait. */
  before: () => Promise<void> = async () => undefined;

  signIn(scopes: readonly string[]): UpstreamTokens {
    const refreshToken = `upstream-${randomText()}`;
    this.#scopes.set(refreshToken, scopes);
    return { accessToken: `access-${randomText(8)}`, expiresIn: 3600, refreshToken, scopes };
  }

  async refresh(refreshToken: string): Promise<UpstreamTokens | undefined> {
    this.refreshes += 1;
    await this.before();
    const scopes = this.#scopes.get(refreshToken);
    return scopes && { accessToken: `access-${randomText(8)}`, expiresIn: 3600, scopes };
  }

  async revoke(refreshToken: string): Promise<void> {
    await this.before();
    this.#scopes.delete(refreshToken);
  }

  get signedIn(): number {
    return this.#scopes.size;
  }
}
