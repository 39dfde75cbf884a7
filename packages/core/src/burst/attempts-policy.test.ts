import { expect, test } from "vitest";
import { isLastAttempt } from "./attempts-policy.ts";

test.each([
  ["two attempts that came to nothing", { attempts: 2 }, false],
  ["three of them", { attempts: 3 }, true],
  ["a third that made a checkpoint", { attempts: 3, attemptsAtProgress: 3 }, false],
  ["three since the last checkpoint", { attempts: 7, attemptsAtProgress: 4 }, true],
  ["twenty, each with a checkpoint", { attempts: 20, attemptsAtProgress: 20 }, true],
  [
    "twenty, one of which waited for a person",
    { attempts: 20, attemptsAtProgress: 20, parks: 1 },
    false,
  ],
])("%s", (_, job, expected) => {
  expect(isLastAttempt(job)).toBe(expected);
});
