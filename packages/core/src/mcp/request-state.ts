import {
  createRequestStateCodec,
  type RequestStateCodec,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { TASK_TTL_MS } from "../burst/job.ts";
import { MINUTE, SECOND } from "../lib/duration.ts";
import type { Exchange } from "./exchange.ts";
import type { McpPorts } from "./ports.ts";

/** How long a person may take to answer what runs again from its start. */
const TTL_MS = 10 * MINUTE;
/** The same for a job, which waits as long as it is kept. */
const JOB_TTL_MS = TASK_TTL_MS;

/** What is signed: a tool's own state, the tool or prompt it is for, and a number if it is good only once. */
interface Sealed {
  readonly state: unknown;
  readonly target: string;
  readonly once?: string;
}

/**
 * Signs and reads the `requestState` of tools that ask for input. It comes back by way of the client,
 * so it is bound to who got it, to the method and name it was made for, and to a time: ten minutes, or
 * a job's whole life, if all it says is which job of its owner's it is about.
 */
export interface RequestState {
  mint(state: unknown, ctx: ServerContext): Promise<string>;
  /** As `mint`, for a state that names a job. */
  mintForJob(state: unknown, ctx: ServerContext): Promise<string>;
  /** As `mint`, but the first request that brings it back uses it up. */
  mintOnce(state: unknown, ctx: ServerContext): Promise<string>;
  /** What was signed, without using it up. */
  read(wire: string, ctx: ServerContext): Promise<unknown>;
  /** The SDK's hook. Its answer is what handlers then read with `ctx.mcpReq.requestState()`. */
  verify(wire: string, ctx: ServerContext): Promise<unknown>;
}

/** Of a process: the keys. Newest first: that one signs, every one is taken, so keys can be replaced. */
export class RequestStates {
  readonly #codecs: readonly RequestStateCodec<Sealed>[];
  readonly #lasting: RequestStateCodec<Sealed> | undefined;
  readonly #spend: Spend;

  /** @throws RangeError for a key under 32 bytes; Error without any. */
  constructor(keys: readonly Uint8Array[], spend: Spend) {
    if (keys.length === 0) throw new Error("There is no key for requestState.");
    this.#codecs = keys.map((key) => createCodec(key, TTL_MS));
    this.#lasting = keys.slice(0, 1).map((key) => createCodec(key, JOB_TTL_MS))[0];
    this.#spend = spend;
  }

  of(exchange: Exchange): RequestState {
    const seal = async (
      sealed: Omit<Sealed, "target">,
      ctx: ServerContext,
      codec = this.#codecs[0],
    ) => {
      const target = exchange.targetOf(ctx.mcpReq.id);
      return (await codec?.mint({ ...sealed, target }, ctx)) ?? "";
    };
    const open = async (wire: string, ctx: ServerContext) => {
      const sealed = await this.#open(wire, ctx);
      if (sealed.target === exchange.targetOf(ctx.mcpReq.id)) return sealed;
      throw new Error("target");
    };
    return {
      mint: (state, ctx) => seal({ state }, ctx),
      mintForJob: (state, ctx) => seal({ state }, ctx, this.#lasting),
      mintOnce: (state, ctx) => seal({ state, once: crypto.randomUUID() }, ctx),
      read: async (wire, ctx) => (await open(wire, ctx)).state,
      verify: async (wire, ctx) => {
        const { state, once } = await open(wire, ctx);
        if (once !== undefined && !(await this.#spend(exchange.principal.tenant, once))) {
          throw new Error("used");
        }
        return state;
      },
    };
  }

  async #open(wire: string, ctx: ServerContext): Promise<Sealed> {
    let fault: unknown;
    for (const codec of this.#codecs) {
      try {
        return await codec.verify(wire, ctx);
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }
}

/** Uses a number up, for ten minutes at least; false: it was used before. */
export type Spend = (tenant: string, once: string) => Promise<boolean>;

/** One conditional write decides between requests that bring the same state at the same time. */
export function spendInLog({ log, clock }: Pick<McpPorts, "log" | "clock">): Spend {
  return async (tenant, once) => {
    // The codec counts in whole seconds.
    const expiresAt = clock.now() + TTL_MS + SECOND;
    const stream = { tenant, stream: `state:${once}`, expiresAt };
    const used = await log.append(stream, 1, crypto.randomUUID(), [{ kind: "used", data: {} }]);
    return used === "appended";
  };
}

/** For a process that is the only one of its server. */
export function spendInMemory(): Spend {
  const spent = new Set<string>();
  return async (tenant, once) => {
    const name = JSON.stringify([tenant, once]);
    const isNew = !spent.has(name);
    spent.add(name);
    return isNew;
  };
}

function createCodec(key: Uint8Array, ttlMs: number): RequestStateCodec<Sealed> {
  return createRequestStateCodec({
    key,
    ttlSeconds: ttlMs / SECOND,
    bind: (ctx) => {
      const { clientId, extra } = ctx.http?.authInfo ?? {};
      return JSON.stringify([ctx.mcpReq.method, clientId, extra?.tenant, extra?.subject]);
    },
  });
}

/** `<key>[,<key>…]`, base64url, newest first. @throws Error that says which is not usable. */
export function parseStateKeys(text: string): readonly Uint8Array[] {
  return text.split(",").map((encoded, at) => {
    const key = decode(encoded.trim());
    if (key && key.length >= 32) return key;
    throw new Error(`State key ${at + 1} is not base64url of 32 bytes or more.`);
  });
}

function decode(encoded: string): Uint8Array | undefined {
  const digits = encoded.replace(/={0,2}$/, "");
  if (!/^[A-Za-z0-9_-]+$/.test(digits) || digits.length % 4 === 1) return undefined;
  const bytes = atob(digits.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
}
