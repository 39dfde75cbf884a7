/**
 * Faults on demand: what a test wants to go wrong, asked for at each point where a service can fail.
 * Nothing here is random by itself; a rate draws from the seeded generator given to the plan.
 */

export type FaultService = "dynamodb" | "s3" | "cognito" | "ecs" | "lambda" | "gateway" | "sqs";

export type FaultAction =
  /** The service's own throttling error (DynamoDB ProvisionedThroughputExceeded, S3 503 SlowDown, ECS ThrottlingException, Lambda 429, SQS RequestThrottled). */
  | { readonly kind: "throttle" }
  /** The service's own internal error with a 5xx status. */
  | { readonly kind: "error" }
  /** The request is served, `ms` later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The request is carried out, the answer is lost: the socket closes without a response. */
  | { readonly kind: "lose-answer" }
  /** A streamed response is cut after `afterBytes` bytes of body. */
  | { readonly kind: "tear"; readonly afterBytes: number }
  /** A response says nothing more after `afterBytes` bytes of body; its connection stays open (DynamoDB, S3). */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** The process that serves is killed with SIGKILL (Lambda: at this invocation; ECS: after its start). */
  | { readonly kind: "kill"; readonly afterMs: number }
  /** RunTask answers with `failures` (RESOURCE:…), no task. */
  | { readonly kind: "no-capacity" }
  /** The Spot task gets its notice (SIGTERM, task state change) `afterMs` after it started. */
  | { readonly kind: "spot-interruption"; readonly afterMs: number }
  /** The messages sent or received are delivered once more, even if they are deleted meanwhile (SQS). */
  | { readonly kind: "duplicate" };

export interface Fault {
  readonly service: FaultService;
  /** API operation (`PutItem`, `RunTask`, `Invoke`) or HTTP path for the gateway; absent: any. */
  readonly operation?: string;
  readonly action: FaultAction;
  /** Probability per matching request, 0 to 1; absent: 1. */
  readonly rate?: number;
  /** The fault ends after this many hits; absent: it stays until removed. */
  readonly times?: number;
}

/** Where a response's body breaks off, and how. */
export interface BodyCut {
  readonly afterBytes: number;
  readonly connection: "closed" | "kept";
}

/** How a fault cuts a response's body; undefined: not at all. */
export function bodyCutOf(action: FaultAction | undefined): BodyCut | undefined {
  if (action?.kind !== "tear" && action?.kind !== "stall") return undefined;
  const connection = action.kind === "tear" ? "closed" : "kept";
  return { afterBytes: action.afterBytes, connection };
}

export class FaultPlan {
  readonly #faults = new Map<number, { fault: Fault; left: number }>();
  readonly #random: () => number;
  #next = 1;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Arms a fault; returns the number to remove it by. */
  add(fault: Fault): number {
    const id = this.#next++;
    this.#faults.set(id, { fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    return id;
  }

  remove(id: number): void {
    this.#faults.delete(id);
  }

  clear(): void {
    this.#faults.clear();
  }

  /** The first armed fault that hits this request, if any; counts it. */
  draw(service: FaultService, operation: string): FaultAction | undefined {
    for (const [id, entry] of this.#faults) {
      const { fault } = entry;
      if (fault.service !== service) continue;
      if (fault.operation !== undefined && fault.operation !== operation) continue;
      if (fault.rate !== undefined && this.#random() >= fault.rate) continue;
      entry.left -= 1;
      if (entry.left <= 0) this.#faults.delete(id);
      return fault.action;
    }
    return undefined;
  }
}
