import { expect, test } from "vitest";
import { placeByStrategy } from "./capacity-policy.ts";

const onDemand = { capacityProvider: "FARGATE", weight: 1, base: 1 };
const spot = { capacityProvider: "FARGATE_SPOT", weight: 3, base: 0 };

test("the base comes first, the rest goes by weight", () => {
  expect(placeByStrategy([onDemand, spot], 5)).toEqual([
    "FARGATE",
    "FARGATE_SPOT",
    "FARGATE",
    "FARGATE_SPOT",
    "FARGATE_SPOT",
  ]);
});

test("without any weight only the base is placed", () => {
  expect(placeByStrategy([{ ...onDemand, weight: 0 }], 2)).toEqual(["FARGATE"]);
});
