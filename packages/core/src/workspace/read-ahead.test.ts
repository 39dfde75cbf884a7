import { expect, test } from "vitest";
import { readAhead } from "./read-ahead.ts";

test("items come in their order, a bounded number under way", async () => {
  const running = { now: 0, most: 0 };
  const load = async (item: number) => {
    running.most = Math.max(running.most, ++running.now);
    for (let turns = 0; turns < 10 - item; turns++) await Promise.resolve();
    running.now--;
    return item * 10;
  };
  const loaded: number[] = [];
  for await (const item of readAhead([1, 2, 3, 4, 5], { items: 2 }, load)) loaded.push(item);
  expect(loaded).toEqual([10, 20, 30, 40, 50]);
  expect(running.most).toBe(2);
});

test("heavy items go alone", async () => {
  const running = { now: 0, most: 0 };
  const load = async (weight: number) => {
    running.now += weight;
    running.most = Math.max(running.most, running.now);
    await Promise.resolve();
    running.now -= weight;
  };
  const limits = { items: 10, weight: { max: 10, of: (weight: number) => weight } };
  for await (const _ of readAhead([4, 4, 4, 50, 4, 4], limits, load));
  expect(running.most).toBe(50);
});

test("a failure is told in its turn, after the ones under way ended", async () => {
  const ended: number[] = [];
  const load = async (item: number) => {
    await Promise.resolve();
    ended.push(item);
    if (item === 2) throw new Error("two");
    return item;
  };
  const loaded: number[] = [];
  const all = async () => {
    for await (const item of readAhead([1, 2, 3, 4], { items: 3 }, load)) loaded.push(item);
  };
  await expect(all()).rejects.toThrow("two");
  expect(loaded).toEqual([1]);
  expect(ended).toEqual([1, 2, 3, 4]);
});
