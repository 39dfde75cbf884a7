import {
  type PullTransport,
  type PushTransport,
  parseInput,
  REFUSAL_CODES,
  RefusedError,
  type Schema,
} from "@zenode/core";
import {
  beginPullResponse,
  beginPushResponse,
  commitPushResponse,
  uploadPacksResponse,
} from "@zenode/core/push-pull";
import { CliError } from "../terminal/cli-error.ts";
import { accessToken, type Target } from "./target.ts";

/** Attempts of a request that met a passing failure; the steps of pushes and pulls may be repeated. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;
/** What S3 answers for a URL whose time is over, or whose object is gone. */
const EXPIRED: ReadonlySet<number> = new Set([400, 403, 404]);

export interface ApiTransport {
  readonly push: PushTransport;
  readonly pull: PullTransport;
}

/** Pushes and pulls over the target's HTTP surface, and past it to the store. */
export function apiTransport(target: Target): ApiTransport {
  const post = async <Body>(path: string, body: unknown, schema: Schema<Body>): Promise<Body> => {
    const url = new URL(`/api/${path}`, target.mcpUrl);
    const text = await send(url.href, async () => ({
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await accessToken(target)}`,
      },
      body: JSON.stringify(body),
    }));
    return parseInput(schema, JSON.parse(new TextDecoder().decode(text)));
  };
  return {
    push: {
      begin: (request) => post("push/begin", request, beginPushResponse),
      upload: (request) => post("push/uploads", request, uploadPacksResponse),
      commit: (request) => post("push/commit", request, commitPushResponse),
      put: async (url, body) => {
        await send(url, async () => ({ method: "PUT", body: body as Uint8Array<ArrayBuffer> }));
      },
    },
    pull: {
      begin: (request) => post("pull/begin", request, beginPullResponse),
      read: (url, start, length) => readRange(url, start, length),
    },
  };
}

async function readRange(url: string, start: number, length: number): Promise<Uint8Array> {
  const range = `bytes=${start}-${start + length - 1}`;
  return send(url, async () => ({ headers: { range } }), EXPIRED);
}

/**
 * The whole answer, asked for again after a passing failure.
 * @throws RefusedError what the server refused, `unavailable` when it does not answer, `expired` for the statuses named.
 */
async function send(
  url: string,
  toInit: () => Promise<RequestInit>,
  expired?: ReadonlySet<number>,
): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await exchange(url, await toInit());
    if ("body" in outcome && outcome.ok) return outcome.body;
    if ("body" in outcome && expired?.has(outcome.status)) {
      throw new RefusedError("expired", "The store no longer serves this.");
    }
    const passing = !("body" in outcome) || outcome.status >= 500 || outcome.status === 429;
    if (!passing || attempt === ATTEMPTS) throw toError(url, outcome);
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
  }
}

type Outcome =
  | { readonly ok: boolean; readonly status: number; readonly body: Uint8Array }
  | { readonly cause: unknown };

/** An answer that breaks off is none. */
async function exchange(url: string, init: RequestInit): Promise<Outcome> {
  try {
    const response = await fetch(url, init);
    const { ok, status } = response;
    return { ok, status, body: new Uint8Array(await response.arrayBuffer()) };
  } catch (cause) {
    return { cause };
  }
}

function toError(url: string, outcome: Outcome): Error {
  const { origin, pathname } = new URL(url);
  if (!("body" in outcome)) {
    return new RefusedError("unavailable", `${origin} does not answer.`, { cause: outcome.cause });
  }
  const { code, message } = parseProblem(new TextDecoder().decode(outcome.body));
  const text = message ?? `${origin}${pathname} answered ${outcome.status}.`;
  const refusal = REFUSAL_CODES.find((known) => known === code);
  if (refusal) return new RefusedError(refusal, text);
  return outcome.status >= 500 ? new RefusedError("unavailable", text) : new CliError(text);
}

function parseProblem(text: string): { readonly code?: unknown; readonly message?: string } {
  try {
    const { error, message }: { error?: unknown; message?: unknown } = JSON.parse(text);
    return typeof message === "string" ? { code: error, message } : {};
  } catch {
    // An answer that is not ours (XML of S3, a proxy's page) says nothing a user could act on.
    return {};
  }
}
