import { expect, test } from "vitest";
import { mapInOrder } from "./map-in-order.ts";

const never = new AbortController().signal;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Runs that end when they are told to, and what is at work. */
function held() {
  const open = new Map<number, PromiseWithResolvers<string>>();
  const signals: AbortSignal[] = [];
  const run = (_: unknown, index: number, signal: AbortSignal) => {
    signals.push(signal);
    const ended = Promise.withResolvers<string>();
    open.set(index, ended);
    signal.addEventListener("abort", () => ended.reject(signal.reason));
    return ended.promise.finally(() => open.delete(index));
  };
  return {
    run,
    signals,
    atWork: () => [...open.keys()],
    end: (n: number) => open.get(n)?.resolve(`${n}`),
  };
}

test("results come in order, whatever ends first, and never more than allowed is at work", async () => {
  const { run, atWork, end } = held();
  const results = mapInOrder([0, 1, 2, 3], { parallel: 2, signal: never, run });
  const first = results.next();
  expect(atWork()).toEqual([0, 1]);
  end(1);
  await turn();
  expect(atWork()).toEqual([0, 2]);
  end(0);
  expect((await first).value).toBe("0");
  expect((await results.next()).value).toBe("1");
  await turn();
  expect(atWork()).toEqual([2, 3]);
  end(3);
  end(2);
  expect((await results.next()).value).toBe("2");
  expect((await results.next()).value).toBe("3");
  expect((await results.next()).done).toBe(true);
});

test("nothing starts before a result is asked for, and nothing at all for no items", async () => {
  const { run, atWork } = held();
  void mapInOrder([0], { parallel: 1, signal: never, run });
  await turn();
  expect(atWork()).toEqual([]);
  expect((await mapInOrder([], { parallel: 2, signal: never, run }).next()).done).toBe(true);
});

test("what one throws stops the others and goes up", async () => {
  const { run, atWork } = held();
  const broken = new Error("broken");
  const failing = (item: number, index: number, signal: AbortSignal) =>
    item === 1 ? Promise.reject(broken) : run(item, index, signal);
  const results = mapInOrder([0, 1, 2, 3], { parallel: 2, signal: never, run: failing });
  await expect(results.next()).rejects.toBe(broken);
  expect(atWork()).toEqual([]);
});

test("who leaves stops what is at work; a signal does too, also for what had not started", async () => {
  const leaving = held();
  const left = mapInOrder([0, 1, 2], { parallel: 2, signal: never, run: leaving.run });
  const first = left.next();
  leaving.end(0);
  await first;
  await left.return(undefined);
  expect(leaving.atWork()).toEqual([]);
  expect(leaving.signals.every(({ aborted }) => aborted)).toBe(true);

  const told = new AbortController();
  const stopping = held();
  const stopped = mapInOrder([0, 1, 2], { parallel: 1, signal: told.signal, run: stopping.run });
  const next = stopped.next();
  stopping.end(0);
  await next;
  told.abort("enough");
  await expect(stopped.next()).rejects.toBe("enough");
  await expect(
    mapInOrder([0], { parallel: 1, signal: told.signal, run: stopping.run }).next(),
  ).rejects.toBe("enough");
});
