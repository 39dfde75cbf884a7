import type { Invocation, LambdaInvoker } from "../gateway/lambda-invoker.ts";
import type { Lambda } from "./start-lambda.ts";

/** Stands for the Lambda service while it is not up: its callers start before it, and wait. */
export class LateInvoker implements LambdaInvoker {
  readonly #lambda = Promise.withResolvers<Lambda>();

  ready(lambda: Lambda): void {
    this.#lambda.resolve(lambda);
  }

  async invoke(name: string, event: unknown, options: { streaming: boolean }): Promise<Invocation> {
    return (await this.#lambda.promise).invoke(name, event, options);
  }

  async invokeAsync(name: string, event: unknown): Promise<void> {
    await (await this.#lambda.promise).invokeAsync(name, event);
  }

  /** The function's result. @throws Error when it failed. */
  async invokeBuffered(name: string, event: unknown): Promise<unknown> {
    const invocation = await this.invoke(name, event, { streaming: false });
    if (invocation.kind === "buffered") return invocation.payload;
    throw new Error(`The function ${name} did not answer: ${invocation.kind}.`);
  }
}
