import { type ObjectPlace, ObjectSync } from "./object-sync.ts";

/** What is asked of the process that syncs: a method of `ObjectSync` and its arguments. */
export interface SyncOrder {
  readonly place: ObjectPlace;
  readonly method:
    | "push"
    | "listDirectory"
    | "tree"
    | "glob"
    | "read"
    | "search"
    | "edit"
    | "download";
  readonly args: readonly string[];
}

/** Milliseconds, and what it counted. */
export type SyncAnswer =
  | { readonly ms: number; readonly count: number }
  | { readonly failure: string };

const syncs = new Map<string, ObjectSync>();

process.on("message", async (order: SyncOrder) => {
  const answer = await run(order).catch(
    (cause: unknown): SyncAnswer => ({ failure: String(cause) }),
  );
  process.send?.(answer);
});

async function run({ place, method, args }: SyncOrder): Promise<SyncAnswer> {
  const sync = syncs.get(place.prefix) ?? new ObjectSync(place);
  syncs.set(place.prefix, sync);
  const act = sync[method].bind(sync) as (...words: readonly string[]) => Promise<unknown>;
  const started = performance.now();
  const outcome = await act(...args);
  return { ms: performance.now() - started, count: typeof outcome === "number" ? outcome : 0 };
}
