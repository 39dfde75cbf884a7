import type { Cloud, CloudOptions } from "@zenode/emulator";
import { checkAnswer, type ModernCall, type WireMessage } from "./modern-call.ts";
import { toRestEvent } from "./rest-event.ts";

type Report = Parameters<NonNullable<NonNullable<CloudOptions["lambda"]>["report"]>>[0];

/** One invocation as its caller saw it, and what the platform said of it. */
export interface TimedInvocation {
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly report: Report;
}

/** Ends the metadata of a streamed answer (API Gateway, "Response transfer mode"). */
const DELIMITER = "\0".repeat(8);

/** Invokes functions one at a time, straight at Lambda, and matches each with its report. */
export class LambdaCalls {
  readonly #reports: Report[] = [];
  #wake: () => void = () => undefined;

  /** For `CloudOptions.lambda.report`. */
  readonly report = (report: Report): void => {
    this.#reports.push(report);
    this.#wake();
  };

  /** @throws Error when the function or the call in it failed. */
  async invoke(
    { lambda }: Pick<Cloud, "lambda">,
    name: string,
    call: ModernCall,
  ): Promise<TimedInvocation> {
    this.#reports.length = 0;
    const started = performance.now();
    const invocation = await lambda.invoke(name, toRestEvent(call), { streaming: true });
    if (invocation.kind !== "stream") throw new Error(`${name}: ${JSON.stringify(invocation)}`);
    let text = "";
    let firstByteMs = Number.NaN;
    for await (const chunk of invocation.body) {
      text += Buffer.from(chunk).toString();
      const at = text.indexOf(DELIMITER);
      const begun = at >= 0 && text.length > at + DELIMITER.length;
      if (begun && Number.isNaN(firstByteMs)) firstByteMs = performance.now() - started;
    }
    const totalMs = performance.now() - started;
    checkAnswer(JSON.parse(text.slice(text.indexOf(DELIMITER) + DELIMITER.length)) as WireMessage);
    return { firstByteMs, totalMs, report: await this.#nextReport() };
  }

  async #nextReport(): Promise<Report> {
    for (;;) {
      const report = this.#reports.shift();
      if (report) return report;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
