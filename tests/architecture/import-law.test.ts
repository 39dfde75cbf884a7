import { cruise, type ICruiseResult } from "dependency-cruiser";
import { expect, test } from "vitest";
import { cruiseOptions, law } from "../../import-law.ts";

const { output } = await cruise(["packages", "tests"], {
  ...cruiseOptions,
  ruleSet: law,
  validate: true,
});
const { totalCruised, violations } = (output as ICruiseResult).summary;

// dependency-cruiser exits 0 on "0 modules" when it finds no TypeScript <7 API. This keeps it honest.
test("the import law sees the whole code base", () => {
  expect(totalCruised).toBeGreaterThan(150);
});

test("no import breaks the law", () => {
  expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
});

test("the law catches what it forbids", async () => {
  const forbidAll = {
    forbidden: [
      {
        name: "canary",
        severity: "error" as const,
        from: { path: "^packages/cli/" },
        to: { path: "^packages/emulator/" },
      },
    ],
  };
  const result = await cruise(["packages/cli/src/local"], {
    ...cruiseOptions,
    ruleSet: forbidAll,
    validate: true,
  });
  expect((result.output as ICruiseResult).summary.violations.length).toBeGreaterThan(0);
});
