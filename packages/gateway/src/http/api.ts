import {
  MIB,
  offerUploadRequest,
  type Principal,
  type Projects,
  parseInput,
  type RefusalCode,
  RefusedError,
  type Schema,
  type Transfers,
} from "@zenode/core";
import {
  beginPullRequest,
  beginPushRequest,
  commitPushRequest,
  PullService,
  type PullServiceOptions,
  PushService,
  type PushServiceOptions,
  uploadPacksRequest,
} from "@zenode/core/push-pull";
import type { Handle } from "./app.ts";
import { problem } from "./problem.ts";

/** API Gateway hands a Lambda at most 6 MB; a begin request names up to 50,000 blobs in 3.4 MB. */
const BODY_BYTES = 5 * MIB;

export interface ApiPorts extends PushServiceOptions, PullServiceOptions {
  readonly projects: (principal: Principal) => Projects;
  readonly transfers: (principal: Principal) => Transfers;
}

type Route = (request: Request, principal: Principal) => Promise<unknown>;

/**
 * The plain HTTP surface of workspaces, for programs that move files: JSON in, JSON out.
 * `POST /api/push/begin|uploads|commit` are the three steps of a push, `POST /api/pull/begin` tells where
 * a snapshot can be read, `GET /api/projects` lists, `POST /api/uploads` signs a URL for one file that is to be imported.
 */
export function createApi({ projects, transfers, ...workspace }: ApiPorts): Handle {
  const pushes = new PushService(workspace);
  const pulls = new PullService(workspace);
  const routes: Readonly<Record<string, Route>> = {
    "GET /api/projects": async (_, principal) => ({ projects: await projects(principal).list() }),
    "POST /api/push/begin": async (request, principal) =>
      pushes.begin({ principal, ...(await readBody(request, beginPushRequest)) }),
    "POST /api/push/uploads": async (request, principal) =>
      pushes.upload({ principal, ...(await readBody(request, uploadPacksRequest)) }),
    "POST /api/push/commit": async (request, principal) =>
      pushes.commit({ principal, ...(await readBody(request, commitPushRequest)) }),
    "POST /api/pull/begin": async (request, principal) =>
      pulls.begin({ principal, ...(await readBody(request, beginPullRequest)) }),
    "POST /api/uploads": async (request, principal) => {
      const { bytes } = await readBody(request, offerUploadRequest);
      return transfers(principal).offerUpload(bytes);
    },
  };
  return async (request, { principal }) => {
    const key = `${request.method} ${new URL(request.url).pathname}`;
    const route = Object.hasOwn(routes, key) ? routes[key] : undefined;
    if (!route)
      return problem(
        404,
        "not_found",
        `There is no ${key}. There are: ${Object.keys(routes).join(", ")}.`,
      );
    try {
      return Response.json(await route(request, principal), {
        headers: { "cache-control": "no-store" },
      });
    } catch (cause) {
      if (cause instanceof RefusedError)
        return problem(STATUS[cause.code], cause.code, cause.message);
      throw cause;
    }
  };
}

/** @throws RefusedError `invalid_input` or `too_large`. */
async function readBody<Body>(request: Request, schema: Schema<Body>): Promise<Body> {
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    throw new RefusedError("invalid_input", "Send the body as application/json.");
  }
  const text = await request.text();
  if (text.length > BODY_BYTES)
    throw new RefusedError("too_large", `The body is over ${BODY_BYTES} bytes.`);
  return parseInput(schema, parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RefusedError("invalid_input", "The body is not JSON.", { cause });
  }
}

const STATUS: Readonly<Record<RefusalCode, number>> = {
  invalid_path: 400,
  not_found: 404,
  not_a_file: 400,
  not_a_directory: 400,
  too_large: 413,
  invalid_input: 400,
  conflict: 409,
  forbidden: 403,
  too_many_jobs: 429,
  expired: 410,
  cannot_ask: 400,
  declined: 409,
  corrupt: 422,
  unavailable: 503,
};
