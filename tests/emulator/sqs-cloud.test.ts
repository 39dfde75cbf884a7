import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { QueueDriver, sqsClient } from "./sqs-fixture.ts";

const SCRIPT = fileURLToPath(new URL("./fixtures/cloud-process.ts", import.meta.url));

/** Lines of a cloud in a process of its own, which is killed at the end of the test. */
function startCloudProcess(dir: string): { child: ChildProcess; next: () => Promise<string> } {
  const child = spawn(process.execPath, [SCRIPT, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  return { child, next };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

test("a message in a function's hands when everything is killed comes again after the restart", async () => {
  const dir = mkdtempSync(join(tmpdir(), "emulator-cloud-kill-"));
  const first = startCloudProcess(dir);
  let second: typeof first | undefined;
  onTestFinished(async () => {
    await kill(first.child);
    if (second) await kill(second.child);
    rmSync(dir, { recursive: true });
  });
  const url = await first.next();
  const { origin } = new URL(url);
  const client = sqsClient(origin);
  await new QueueDriver(client, url).send("job");
  // The function knows its queue by the template's reference, and the endpoint by AWS's variable.
  const told = { body: "job", receives: 1, url, endpoint: origin };
  expect(JSON.parse(await first.next())).toEqual(told);
  await kill(first.child);
  client.destroy();

  second = startCloudProcess(dir);
  const urlAfter = await second.next();
  expect(JSON.parse(await second.next())).toMatchObject({ body: "job", receives: 2 });
  expect(JSON.parse(await second.next())).toEqual({
    report: { queue: "jobs", function: "batches-holds", messages: 1, failed: 0 },
  });
  const after = sqsClient(new URL(urlAfter).origin);
  expect(await new QueueDriver(after, urlAfter).counts()).toEqual([0, 0, 0]);
  after.destroy();
});
