import type { Exchange, Item, Row, RunHistory, SeenTask, ToolLine } from "./history.ts";
import { digestOf } from "./worker-rules.ts";

export const RELEASE = "zenode-worker:1";
export const arn = (task: string) => `arn:aws:ecs:us-east-1:000000000000:task/zenode/${task}`;

/** Milliseconds between two writes of the history. */
const TICK_MS = 100;
const STEPS = 1;

interface Call {
  readonly call: string;
  readonly tenant: string;
  readonly user: string;
  readonly job: string;
  /** Its last worker, and those that lost it. */
  readonly worker: string;
}

const CALLS: readonly Call[] = [
  { call: "0.0", tenant: "t", user: "ann", job: "task_1", worker: "one" },
  { call: "0.1", tenant: "t", user: "bob", job: "task_2", worker: "one" },
  { call: "0.2", tenant: "t", user: "ann", job: "task_3", worker: "two" },
  { call: "1.0", tenant: "u", user: "eve", job: "task_4", worker: "three" },
];

const textOf = ({ call }: Call) => `the result of ${call}`;

/** The writes of the table, one after the other; each knows what the one before it left. */
class Writes {
  readonly rows: Row[] = [];
  #time = 0;

  get time(): number {
    return this.#time;
  }

  write(pk: string, sk: string, change: Item | undefined): void {
    this.#time += TICK_MS;
    const old = this.rows.findLast((row) => row.pk === pk && row.sk === sk)?.now;
    const now = change && { ...change };
    this.rows.push({
      sequence: this.#time,
      at: this.#time,
      pk,
      sk,
      ...(old && { old }),
      ...(now && { now }),
    });
  }

  job({ tenant, job, call }: Call, change: Item): void {
    const pk = `T#${tenant}#J#${job}`;
    const old = this.rows.findLast((row) => row.pk === pk)?.now ?? {
      fence: 0,
      attempts: 0,
      cancelRequested: false,
      input: JSON.stringify({ call }),
    };
    this.write(pk, "job", { ...old, ...change, updatedAt: this.#time });
  }

  /** From the claim to the end, with the log's four events. */
  run(one: Call, fence = 1): void {
    this.claim(one, fence);
    this.log(
      one,
      1,
      [
        ["started", { fence }],
        ["progress", { progress: 1 }],
      ],
      fence,
    );
    const result = { content: [{ type: "text", text: textOf(one) }] };
    const outcome = JSON.stringify({ kind: "result", result });
    this.job(one, { state: "completed", leaseUntil: 0, outcome, finishedFence: fence });
    this.log(one, 3, [["end", {}]], fence);
  }

  claim(one: Call, fence: number): void {
    const held = {
      fence,
      attempts: fence,
      worker: arn(one.worker),
      leaseUntil: this.#time + 15_000,
    };
    this.job(one, { ...held, state: "claimed" });
    this.job(one, { state: "running" });
  }

  log({ tenant, job }: Call, at: number, events: readonly unknown[], fence: number): void {
    const now = { writer: `fence-${fence}`, count: events.length, events: JSON.stringify(events) };
    this.write(`T#${tenant}#L#${job}`, String(at).padStart(12, "0"), now);
  }

  offer(tenant: string, task: string, number: number): void {
    const until = this.#time + 5000;
    this.write(`T#${tenant}#W`, arn(task), { number, until, taskDefinition: RELEASE });
  }

  order(tenant: string, task: string, job: string): void {
    const old = this.rows.findLast(({ sk }) => sk === arn(task))?.now;
    this.write(`T#${tenant}#W`, arn(task), { ...old, job, orderedAt: this.#time });
  }

  leave(tenant: string, task: string): void {
    this.write(`T#${tenant}#W`, arn(task), undefined);
  }
}

/**
 * Worker `one` does a job and, warm, a second one; it is killed with the order of a third, which `two` then does.
 * `three` works for another tenant at the same time.
 */
export function goodWarmHistory(): RunHistory {
  const [first, second, third, others] = CALLS as [Call, Call, Call, Call];
  const writes = new Writes();
  for (const one of [first, others]) writes.job(one, { state: "queued" });
  writes.run(first);
  writes.run(others);
  writes.offer("t", "one", 1);
  writes.offer("u", "three", 1);
  writes.job(second, { state: "queued" });
  writes.order("t", "one", second.job);
  writes.run(second);
  writes.offer("t", "one", 2);
  writes.job(third, { state: "queued" });
  writes.order("t", "one", third.job);
  writes.leave("t", "one");
  writes.run(third);
  writes.offer("t", "two", 1);
  writes.leave("u", "three");
  writes.leave("t", "two");
  const { rows, time } = writes;
  return {
    steps: STEPS,
    file: "f",
    cancelled: [],
    lingers: true,
    users: Object.fromEntries(CALLS.map(({ call, user }) => [call, user])),
    endedAt: time + 1000,
    troubled: false,
    rows,
    tasks: [
      { ...taskOf(first, time), exitCode: 137, faults: ["kill"] },
      taskOf(third, time),
      taskOf(others, time),
    ],
    lines: CALLS.flatMap(linesOf),
    exchanges: CALLS.map(exchangeOf),
    objects: {},
    left: [],
  };
}

function taskOf({ tenant, job, worker }: Call, stoppedAt: number): SeenTask {
  const ended = { lastStatus: "STOPPED", exitCode: 0, stoppedAt, faults: [] };
  return { ...ended, arn: arn(worker), job, tenant, release: RELEASE };
}

function linesOf(one: Call): ToolLine[] {
  const { call, tenant, user, worker: task } = one;
  const line = { run: `run-${call}`, task, call };
  const processes = [{ pid: task.length, startedAt: task }];
  return [
    { ...line, kind: "start", tenant, user, found: [], processes, checkpoints: true, from: 0 },
    { ...line, kind: "step", step: 1 },
    { ...line, kind: "end", digest: digestOf(textOf(one)) },
  ];
}

function exchangeOf(one: Call): Exchange {
  const digest = digestOf(textOf(one));
  const answers = [{ kind: "result" as const, digest, isError: false }];
  return { client: "first", call: one.call, progress: [1], eventIds: [], answers };
}
