import { newId, SECOND } from "@zenode/core";
import { randomText } from "../token/base64url.ts";
import { CodeGrant } from "../token/code-grant.ts";
import { digest } from "../token/digest.ts";
import { RefreshGrant } from "../token/refresh-grant.ts";
import { ServerKeys } from "../token/server-keys.ts";
import { MemoryCodeStore } from "./code-store-memory.ts";
import { MemoryFamilyStore } from "./family-store-memory.ts";
import { MemoryUpstream } from "./upstream-memory.ts";

const RESOURCE = "https://zenode.example/mcp";
const REDIRECT = "http://127.0.0.1:7/callback";

/** Codes and refresh tokens over memory stores, with a clock that a test moves. */
export class SignInDesk {
  now = 1_790_000_000_000;
  readonly clock = { now: () => this.now, sleep: async () => undefined };
  readonly codes = new MemoryCodeStore();
  readonly families = new MemoryFamilyStore();
  readonly upstream = new MemoryUpstream();
  readonly keyTexts = [randomText()];

  async codeGrant(): Promise<CodeGrant> {
    const { codes, families, clock } = this;
    return new CodeGrant({ codes, families, clock, keys: await this.#keys() });
  }

  async refreshGrant(): Promise<RefreshGrant> {
    const { families, upstream, clock } = this;
    return new RefreshGrant({ families, upstream, clock, keys: await this.#keys() });
  }

  /** A code for `client_1`, and what it takes to redeem it. */
  async newCode(scopes: readonly string[] = ["zenode/read"]) {
    const verifier = randomText();
    const grant = await this.codeGrant();
    const code = await grant.issue({
      ...{ clientId: "client_1", redirectUri: REDIRECT, resource: RESOURCE, scopes },
      ...{ subject: "ada-sub", family: newId("grant"), challenge: await digest(verifier) },
      tokens: this.upstream.signIn(scopes),
    });
    return { code, clientId: "client_1", redirectUri: REDIRECT, verifier };
  }

  /** The first refresh token of a new sign-in of `client_1`. */
  async signIn(scopes?: readonly string[]): Promise<string> {
    const answer = await (await this.codeGrant()).redeem(await this.newCode(scopes));
    if (answer.kind === "issued") return answer.refreshToken;
    throw new Error(answer.description);
  }

  /** Another process refreshes. */
  async refresh(refreshToken: string, clientId = "client_1") {
    return (await this.refreshGrant()).refresh({ refreshToken, clientId });
  }

  pass(seconds: number): void {
    this.now += seconds * SECOND;
  }

  #keys(): Promise<ServerKeys> {
    return ServerKeys.parse(this.keyTexts.join(","));
  }
}
