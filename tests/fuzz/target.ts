import type { FuzzAnswer } from "./answer.ts";
import type { FuzzRequest, Places } from "./fuzz-request.ts";

/** What a request left in the stores; `writes` where only their number is known. */
export type Left = Readonly<Partial<Record<"sessions" | "events" | "jobs" | "writes", number>>>;

/** A server under fuzzing. */
export interface FuzzTarget {
  /** Values for the places of the next request; a session that was ended is replaced. */
  places(): Promise<Places>;
  send(request: FuzzRequest): Promise<FuzzAnswer>;
  /** What was left since `places`. */
  takeLeft(): Left;
  /** Failures that the server told its operator of. */
  failures(): readonly string[];
  close(): Promise<void>;
}
