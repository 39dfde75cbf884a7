import { expect, test } from "vitest";
import { isFargateSize } from "./fargate-size-policy.ts";

test.each([
  ["256", "512", true],
  ["256", "2048", true],
  ["256", "4096", false],
  ["1024", "2048", true],
  ["1024", "2500", false],
  ["4096", "30720", true],
  ["16384", "122880", true],
  ["3000", "4096", false],
])("%s CPU units with %s MiB: %s", (cpu, memory, expected) => {
  expect(isFargateSize(cpu, memory)).toBe(expected);
});
