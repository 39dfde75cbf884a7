import { expect, test } from "vitest";
import { EmulatorClock } from "../clock.ts";
import type { CloudEvent } from "./cloud-event.ts";
import { parseCron, startSchedules } from "./start-schedules.ts";

const HOUR = 3_600_000;
const PLACE = { account: "000000000000", region: "us-east-1" };

test("a schedule names minutes of the day", () => {
  expect(parseCron("cron(17 0/6 * * ? *)")).toEqual([17, 377, 737, 1097]);
  expect(parseCron("cron(0 5/12 * * ? *)")).toEqual([300, 1020]);
});

test.each(["rate(6 hours)", "cron(60 0/6 * * ? *)", "cron(0 24/6 * * ? *)", "cron(0 0/0 * * ? *)"])(
  "%s is refused rather than misunderstood",
  (expression) => {
    expect(() => parseCron(expression)).toThrow(expression);
  },
);

test("its function hears of it when the clock passes the moment, once however far the clock was moved", () => {
  const clock = new EmulatorClock();
  const sent: CloudEvent[] = [];
  const stop = startSchedules({
    schedules: [{ name: "tidy", expression: "cron(17 0/6 * * ? *)", functionName: "tidy" }],
    place: PLACE,
    events: { send: (_, event) => sent.push(event) },
    clock,
  });
  const sinceMoment = (clock.now() - 17 * 60_000) % (6 * HOUR);
  clock.advance(6 * HOUR - sinceMoment - 60_000);
  expect(sent).toEqual([]);
  clock.advance(61_000);
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({
    source: "aws.events",
    "detail-type": "Scheduled Event",
    resources: ["arn:aws:events:us-east-1:000000000000:rule/tidy"],
  });
  clock.advance(30 * HOUR);
  expect(sent).toHaveLength(2);
  stop();
  clock.advance(6 * HOUR);
  expect(sent).toHaveLength(2);
});
