import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

/** How a tenant's workers wait for their next job; both in milliseconds. */
interface PaidTime {
  /** See the worker's `PaidTime`. */
  readonly lingerMs: number;
  /** What is left of the paid minute when the process starts: the image's pull took the rest. */
  readonly paidMs: number;
}

const MINUTE_MS = 60_000;

/** Runs of one path draw theirs each for itself: what is drawn for a tenant stands in a file of its name. */
const folder = process.env.ZENODE_FAULTS_PAID_TIME ?? "";
const { tenant = "" } = JSON.parse(process.env.ZENODE_JOB ?? "{}") as { readonly tenant?: string };
const file = path.join(folder, tenant);
if (folder !== "" && tenant !== "" && existsSync(file)) {
  const { lingerMs, paidMs } = JSON.parse(readFileSync(file, "utf8")) as PaidTime;
  process.env.ZENODE_LINGER_MS = String(lingerMs);
  const timeOrigin = performance.timeOrigin - MINUTE_MS + paidMs;
  Object.defineProperty(performance, "timeOrigin", { value: timeOrigin });
}
