import { setTimeout as delay } from "node:timers/promises";
import { answerOf, messagesOf, postModern } from "../harness/wire.ts";

const HELD_MS = 15_000;
const MINUTE_MS = 60_000;

export interface Listening {
  /** How many times what was counted makes a minute. */
  readonly factor: number;
}

/**
 * Holds a `subscriptions/listen` stream on a task of ours and tells when to start counting.
 * Undefined: the server agrees to nothing, and ends the stream.
 */
export async function holdListening(
  mcpUrl: string,
  token: string,
  { project, onOpen }: { readonly project: string; readonly onOpen: () => void },
): Promise<Listening | undefined> {
  const call = { name: "workspace_report", arguments: { project } };
  const { result } = await answerOf(
    await postModern(mcpUrl, "tools/call", call, { token, tasks: true }),
  );
  const leaving = new AbortController();
  const filter = { taskIds: [result?.taskId] };
  const stream = await postModern(
    mcpUrl,
    "subscriptions/listen",
    { notifications: filter },
    { token, tasks: true, signal: leaving.signal },
  );
  const messages = messagesOf(stream);
  const { value: first } = await messages.next();
  const agreed = (first?.params?.notifications ?? {}) as { readonly taskIds?: readonly string[] };
  if (!agreed.taskIds?.length) {
    await messages.return(undefined);
    return undefined;
  }
  onOpen();
  const from = performance.now();
  await delay(HELD_MS);
  const held = performance.now() - from;
  leaving.abort();
  return { factor: MINUTE_MS / held };
}
