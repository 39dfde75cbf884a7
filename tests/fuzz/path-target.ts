import { FIRST_LOOK_SECONDS } from "@zenode/core";
import { startConformancePath } from "../conformance/local-path.ts";
import { eventually } from "../harness/eventually.ts";
import { errorLines, type LocalPath } from "../harness/local-path.ts";
import type { FuzzRequest } from "./fuzz-request.ts";
import { firstEvent, INITIALIZE, inSession, START_TASK, TALK, toAnswer } from "./good-requests.ts";
import type { FuzzTarget } from "./target.ts";

type Send = (request: FuzzRequest, token: string) => Promise<Response>;

/**
 * The whole local path with the conformance pack, every request in another process. What is left
 * behind is known by its price: what DynamoDB was asked to write.
 */
export async function startPathTarget(): Promise<FuzzTarget> {
  let writes = 0;
  const looked = Promise.withResolvers<void>();
  const local = await startConformancePath(
    // A worker that waits for another job looks at the table: that it writes nothing is not what is asked here.
    { lingerMs: 0 },
    {
      onDynamoDb: ({ writeUnits }) => {
        writes += writeUnits;
      },
      onBatch: () => looked.resolve(),
    },
  );
  const [token, bob] = await Promise.all([local.token(), local.token("bob")]);
  const send = sender(local);
  const foreignSession = await initialize(send, bob);
  const { result } = (await (await send(START_TASK, token)).json()) as {
    result: { taskId: string };
  };
  await ended(local, looked.promise);
  let session = "";
  let event = "";
  let isLive = false;
  return {
    async places() {
      if (!isLive) {
        session = await initialize(send, token);
        event = await firstEvent(await send(inSession(TALK, session), token));
        isLive = true;
      }
      writes = 0;
      return { session, foreignSession, task: result.taskId, event };
    },
    async send(request) {
      const response = await send(request, token);
      if (request.method === "DELETE" && response.status === 200) isLive = false;
      return toAnswer(response);
    },
    takeLeft: () => ({ writes }),
    failures: () => errorLines(local),
    close: () => local.close(),
  };
}

function sender({ mcpUrl }: LocalPath): Send {
  return ({ method, headers, body }, token) =>
    fetch(mcpUrl, {
      method,
      headers: { ...headers, authorization: `Bearer ${token}` },
      ...(body !== undefined && { body }),
    });
}

async function initialize(send: Send, token: string): Promise<string> {
  const response = await send(INITIALIZE, token);
  await response.arrayBuffer();
  const id = response.headers.get("mcp-session-id");
  if (id === null) throw new Error(`initialize answered ${response.status}.`);
  return id;
}

/** What writes for the first task beside its call: its worker, and whoever looks whether it has ended. */
async function ended({ cloud }: LocalPath, looked: Promise<void>): Promise<void> {
  await eventually("the worker to stop", () =>
    cloud.ecs.tasks().every(({ lastStatus }) => lastStatus === "STOPPED"),
  );
  cloud.clock.advance(FIRST_LOOK_SECONDS * 1000);
  await looked;
  await cloud.lambda.drain();
}
