import {
  beginPushResponse,
  commitPushResponse,
  type PushTransport,
  parseInput,
  type Schema,
  uploadPacksResponse,
} from "@zenode/core";
import { CliError } from "../terminal/cli-error.ts";
import { accessToken, type Target } from "./target.ts";

/** Attempts of a request that met a passing failure; a push's steps may be repeated. */
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 200;

/** A push over the target's HTTP surface. */
export function apiTransport(target: Target): PushTransport {
  const post = async <Body>(step: string, body: unknown, schema: Schema<Body>): Promise<Body> => {
    const url = new URL(`/api/push/${step}`, target.mcpUrl);
    const response = await send(url.href, async () => ({
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await accessToken(target)}`,
      },
      body: JSON.stringify(body),
    }));
    return parseInput(schema, await response.json());
  };
  return {
    begin: (request) => post("begin", request, beginPushResponse),
    upload: (request) => post("uploads", request, uploadPacksResponse),
    commit: (request) => post("commit", request, commitPushResponse),
    put: async (url, body) => {
      await send(url, async () => ({ method: "PUT", body: body as Uint8Array<ArrayBuffer> }));
    },
  };
}

/** Sends, again after a passing failure. @throws CliError with what the server said. */
async function send(url: string, toInit: () => Promise<RequestInit>): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const init = await toInit();
    const outcome = await fetch(url, init).catch((cause: unknown) => ({ cause }));
    if (outcome instanceof Response && outcome.ok) return outcome;
    const passing =
      !(outcome instanceof Response) || outcome.status >= 500 || outcome.status === 429;
    if (!passing || attempt === ATTEMPTS) throw await toError(url, outcome);
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** (attempt - 1)));
  }
}

async function toError(
  url: string,
  outcome: Response | { readonly cause: unknown },
): Promise<CliError> {
  const { origin, pathname } = new URL(url);
  if (!(outcome instanceof Response))
    return new CliError(`${origin} does not answer.`, { cause: outcome.cause });
  const text = await outcome.text();
  return new CliError(messageOf(text) ?? `${origin}${pathname} answered ${outcome.status}.`);
}

function messageOf(text: string): string | undefined {
  try {
    const { message }: { message?: unknown } = JSON.parse(text);
    return typeof message === "string" ? message : undefined;
  } catch {
    // An answer that is not ours (XML of S3, a proxy's page) says nothing a user could act on.
    return undefined;
  }
}
