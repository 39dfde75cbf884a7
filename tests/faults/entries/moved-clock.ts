import { readFileSync } from "node:fs";

/** How long a reading of the offset holds, by the clock that cannot be moved. */
const HOLDS_MS = 20;

/** Moves this process's wall clock by the milliseconds that stand in a file, as a step of NTP would. */
const file = process.env.ZENODE_FAULTS_CLOCK;
if (file) moveClock(file);

function moveClock(offsetFile: string): void {
  const RealDate = Date;
  let read = { at: Number.NEGATIVE_INFINITY, offset: 0 };
  const now = () => {
    if (performance.now() - read.at > HOLDS_MS)
      read = { at: performance.now(), offset: Number(readFileSync(offsetFile, "utf8")) };
    return RealDate.now() + read.offset;
  };
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args) => Reflect.construct(target, args.length === 0 ? [now()] : args),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
}
