import type { Principal } from "../access/principal.ts";
import type { ChangeBus } from "../changes/change-bus.ts";
import type { ResourceSource } from "../resource/resource-source.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Era, McpCall, McpLimits, McpPorts, ServerPorts } from "./ports.ts";
import type { PromptCatalogue } from "./prompts.ts";
import type { RequestStates } from "./request-state.ts";
import type { RoundState } from "./round-state.ts";

/** A server's ports with all that is made of them once a process. */
export interface Serving {
  readonly ports: ServerPorts;
  readonly limits: McpLimits;
  readonly catalogue: Catalogue;
  readonly prompts: PromptCatalogue;
  readonly sources: readonly ResourceSource[];
  /** Absent without a key: nothing can be signed, so nobody can be asked. */
  readonly requestStates?: RequestStates;
  /** Absent where there is one process and one client. */
  readonly changes?: ChangeBus;
  readonly report: (error: unknown) => void;
}

/** The same for the HTTP endpoint. */
export interface Served extends Serving {
  readonly ports: McpPorts;
  readonly changes: ChangeBus;
}

/** One request's handlers' view of the leg it came in on. */
export interface Exchange {
  readonly era: Era;
  readonly principal: Principal;
  /** Legacy revisions of this leg, newest first; absent: the usual ones. */
  readonly versions?: readonly string[];
  /** Milliseconds since the epoch at which handlers must have answered. */
  readonly deadline: number;
  /** Starts the response's stream now, so that comments keep it alive while nothing is said. */
  openStream(): void;
  /** The tool, prompt or resource a request is about, by its id; "" for none. */
  targetOf(id: string | number): string;
  /**
   * Asks the client, on the legs with sessions. When it takes long the call may go on elsewhere; what
   * is then thrown here has no reader. @throws RefusedError when the client can't answer.
   */
  ask?(id: string | number, asked: Asked): Promise<ClientAnswers>;
  /** How far the call has come that another process began, on the legs with sessions; absent: it begins here. */
  readonly goesOn?: RoundState;
  /** Told before a job is followed: from here another process could go on. */
  follows?(id: string | number, state: RoundState): void;
  /** Told which of a job's events the next notification stands for; undefined: none. */
  relays?(event: number | undefined): void;
  /** Told of the work a request began, which may go on a little after its answer. */
  began?(work: Promise<unknown>): void;
  /** Told when the answer is a task handle. */
  handedOut(): void;
}

/** A little before the host's own, so that the answer still gets out. */
export function toDeadline({ limits }: Served, { deadline }: McpCall): number {
  return deadline - limits.streamMarginMs;
}

/** What a request is about. `message` is from outside and may be anything. */
export function targetOf(message: unknown): string {
  const { params } = Object(message) as { params?: { name?: unknown; uri?: unknown } };
  const target = params?.name ?? params?.uri;
  return typeof target === "string" ? target : "";
}

/** A request a tool wants answered, as it stands in `inputRequests`. */
export interface Question {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Asked {
  readonly questions: Readonly<Record<string, Question>>;
  readonly requestState: string | undefined;
  /** The job that asks, if it is one. */
  readonly task: string | undefined;
}

/** The client's results, by the questions' keys. */
export type ClientAnswers = Readonly<Record<string, unknown>>;
