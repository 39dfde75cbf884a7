import type { EmulatorClock } from "../clock.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import { type Listening, serve } from "../http/serve.ts";
import type { Place, TableTemplate } from "../template.ts";
import { type Engine, externalEngine, startEngine } from "./engine.ts";
import { type DynamoDbUsage, proxyRequest } from "./proxy.ts";
import { createTables } from "./tables.ts";
import { sweepEvery, TtlSweep } from "./ttl-sweep.ts";
import { Upstream } from "./upstream.ts";

export interface DynamoDbOptions {
  /** Folder of the database; what is there is served again. One process at a time. */
  readonly dir: string;
  /** 0 or absent: a free one. */
  readonly port?: number;
  /** Made at start when missing, on demand, with TTL enabled. */
  readonly tables: readonly TableTemplate[];
  readonly place: Place;
  /** What TTL goes by. */
  readonly clock: EmulatorClock;
  readonly faults: FaultPlan;
  /** A DynamoDB engine to stand in front of instead of starting one: `http://host:port`. */
  readonly endpoint?: string;
  /** Called once per request that was answered or whose answer was lost. */
  readonly requests?: (usage: DynamoDbUsage) => void;
  /** From an item's expiry to its deletion at the earliest; absent: a minute. */
  readonly ttlDelayMs?: number;
  /** Between two TTL sweeps; absent: 30 seconds. */
  readonly ttlSweepMs?: number;
}

export interface DynamoDb {
  readonly endpoint: string;
  readonly port: number;
  /** Deletes what expired `ttlDelayMs` ago or earlier, now; gives the number of items. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Serves DynamoDB on 127.0.0.1: a proxy before an engine, with faults, metering and TTL deletion. Signatures
 * are not checked beyond naming an access key. Acknowledged writes outlive a kill of the process.
 * @throws EngineError, FolderInUseError, PortTakenError
 */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const { dir, endpoint } = options;
  const engine = endpoint === undefined ? await startEngine(dir) : externalEngine(endpoint);
  const upstream = new Upstream(engine, options.place.region);
  try {
    await createTables(upstream, options.tables);
    return await listen(options, engine, upstream);
  } catch (cause) {
    upstream.close();
    await engine.close();
    throw cause;
  }
}

async function listen(
  options: DynamoDbOptions,
  engine: Engine,
  upstream: Upstream,
): Promise<DynamoDb> {
  const { place, clock, faults, requests } = options;
  const closing = new AbortController();
  const parts = { upstream, place, faults, requests, closing: closing.signal };
  const listening: Listening = await serve(
    (message, response) => proxyRequest(parts, message, response),
    options.port,
  );
  const sweep = new TtlSweep(upstream, clock, options.ttlDelayMs ?? 60_000);
  const timer = sweepEvery(options.ttlSweepMs ?? 30_000, sweep);
  return {
    endpoint: listening.endpoint,
    port: listening.port,
    sweep: () => sweep.run(),
    close: async () => {
      clearInterval(timer);
      closing.abort();
      await listening.close();
      await sweep.settled();
      upstream.close();
      await engine.close();
    },
  };
}
