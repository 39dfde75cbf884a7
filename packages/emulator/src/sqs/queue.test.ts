import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { EmulatorClock } from "../clock.ts";
import { openDatabase } from "./database.ts";
import { MessageStore } from "./message-store.ts";
import { Queue } from "./queue.ts";
import { toSettings } from "./queue-settings.ts";

const PLACE = { account: "000000000000", region: "eu-central-1" };
const RECEIVE = { limit: 10, visibilityTimeoutSeconds: 30 };

/** A queue that lets only two messages be in flight; on AWS these are 120,000. */
function queueOfTwo() {
  const dir = mkdtempSync(join(tmpdir(), "emulator-queue-"));
  const database = openDatabase(dir);
  const settings = { ...toSettings({ name: "q" }, PLACE), inFlightLimit: 2 };
  const clock = new EmulatorClock();
  const queue = new Queue(settings, new MessageStore(database), clock);
  onTestFinished(() => {
    queue.close();
    database.close();
    rmSync(dir, { recursive: true });
  });
  const detail = { md5OfBody: "", senderId: "", attributes: {} };
  const message = (id: string) => ({ id, body: id, detail, delaySeconds: 0 });
  queue.send(["a", "b", "c"].map(message));
  return { queue, clock };
}

test("no more messages are handed out than may be in flight", () => {
  const { queue } = queueOfTwo();
  const received = queue.receive(RECEIVE);
  expect(received.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(() => queue.receive(RECEIVE)).toThrow(expect.objectContaining({ code: "OverLimit" }));
  queue.delete(received[0]?.receiptHandle ?? "");
  expect(queue.receive(RECEIVE).map(({ id }) => id)).toEqual(["c"]);
});

test.each(["delete", "timeout"])("who waits at the limit goes on after a %s", async (how) => {
  const { queue, clock } = queueOfTwo();
  const [first] = queue.receive(RECEIVE);
  const waiting = queue.wait({ waitMs: Infinity, signal: new AbortController().signal });
  if (how === "delete") queue.delete(first?.receiptHandle ?? "");
  else clock.advance(30_000);
  await waiting;
  expect(queue.hasVisible()).toBe(true);
});
