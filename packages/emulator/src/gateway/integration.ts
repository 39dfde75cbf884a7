import type { RestApiLimits, RouteTemplate } from "../template.ts";
import type { Exchange } from "./exchange.ts";
import type { GatewayResponseType } from "./gateway-response.ts";
import type { Invocation, LambdaInvoker } from "./lambda-invoker.ts";

/** One call of a function for an exchange. */
export interface Integration {
  readonly exchange: Exchange;
  readonly route: RouteTemplate;
  readonly event: unknown;
  readonly functions: LambdaInvoker;
  readonly limits: RestApiLimits;
}

/** An invocation that gave nothing to send. */
export interface Refusal {
  readonly kind: "refused";
  readonly type: GatewayResponseType;
  readonly error: string;
}

/**
 * A refused invocation is 500; a function that failed, or answered in another form, is 502.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
 */
export function refusalOf(invocation: Exclude<Invocation, { kind: "stream" }>): Refusal {
  switch (invocation.kind) {
    case "throttled":
      return { kind: "refused", type: "INVOCATION_REFUSED", error: "TooManyRequestsException" };
    case "function-error":
      return badGateway(`${invocation.errorType}: ${invocation.message}`);
    case "buffered":
      return badGateway("The function did not stream its response.");
  }
}

export function badGateway(error: string): Refusal {
  return { kind: "refused", type: "BAD_GATEWAY", error };
}

/** Reads what is left, for nobody: the invocation behind it ends only when it is read. */
export async function exhaust(body: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await body.next()).done !== true);
}
