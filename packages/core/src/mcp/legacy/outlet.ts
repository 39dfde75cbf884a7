import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import type { RoundState } from "../round-state.ts";

/** Where what a run says goes: the stream of its own answer, or the one stream of an old session. */
export interface Outlet {
  /**
   * Resolves when the message is logged and on its way. `event`: the number of the job's event it
   * stands for, in that job's log.
   */
  say(message: JSONRPCMessage, event?: number): Promise<void>;
  /** Something will be said, but not soon. */
  openStream(): void;
  /** From here another process could go on; absent where none can. */
  readonly follows?: (call: FollowedCall) => Promise<void>;
  /** Aborts when another process has gone on with it: what is said here goes nowhere any more. */
  readonly replaced?: AbortSignal;
  /** The client is to come back for the rest; absent where it can't. */
  readonly closeStream?: () => void;
  /** Nothing more comes until the client has answered; absent where the process must wait for that. */
  readonly park?: () => Promise<void>;
  /** All has been said. */
  end(): Promise<void>;
}

/** All that another process needs to go on with a call that follows a job. */
export interface FollowedCall {
  readonly request: JSONRPCRequest;
  readonly state: RoundState;
  /** The process that follows it serves a connection on which the client came back. */
  readonly takenOver?: true;
}
