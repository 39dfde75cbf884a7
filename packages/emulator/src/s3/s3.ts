import type { EmulatorClock } from "../clock.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { serve } from "../http/serve.ts";
import type { BucketTemplate } from "../template.ts";
import { type S3Usage, serveRequest } from "./server.ts";
import type { Credentials } from "./signature/request-signature.ts";
import { ObjectStore } from "./store/object-store.ts";

export interface S3Options {
  /** Folder of the index and the blobs; what is there is served again. One process at a time. */
  readonly dir: string;
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Made at start when missing. */
  readonly buckets: readonly BucketTemplate[];
  /** Secrets by access key id; absent: LOCALKEY with LOCALSECRET. */
  readonly credentials?: Credentials;
  /** Times of objects and their lifecycle. Signatures are checked against the machine's clock. */
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  /** Called once per request that was answered or whose answer was lost. */
  readonly requests?: (usage: S3Usage) => void;
  /** Between two lifecycle sweeps; absent: a minute. Reads and listings never show what has expired. */
  readonly sweepMs?: number;
}

export interface S3 {
  readonly endpoint: string;
  readonly port: number;
  /** Deletes what the lifecycle has ended; returns how many objects. */
  sweep(): number;
  /** Cuts the connections and gives the folder free once every operation under way has ended. */
  close(): Promise<void>;
}

/**
 * Serves S3 in path style on 127.0.0.1. Acknowledged writes outlive a kill of the process.
 * @throws PortTakenError; an SQLite error when another process holds the folder
 */
export async function startS3(options: S3Options): Promise<S3> {
  const { dir, buckets, clock, faults, requests } = options;
  const credentials = options.credentials ?? { LOCALKEY: "LOCALSECRET" };
  const store = new ObjectStore(dir, buckets, clock);
  const closing = new AbortController();
  const parts = { store, credentials, faults, requests, closing: closing.signal };
  const running = new Set<Promise<void>>();
  const listening = await serve(async (message, response) => {
    const run = serveRequest(parts, message, response);
    running.add(run);
    try {
      await run;
    } finally {
      running.delete(run);
    }
  }, options.port).catch((cause: unknown) => {
    store.close();
    throw cause;
  });
  const timer = setInterval(() => store.sweep(), options.sweepMs ?? 60_000);
  timer.unref();
  return {
    endpoint: listening.endpoint,
    port: listening.port,
    sweep: () => store.sweep(),
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await listening.close();
      await Promise.allSettled(running);
      store.close();
    },
  };
}
