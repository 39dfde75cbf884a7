import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { eventually } from "../../harness/eventually.ts";
import { stillRunning } from "../../harness/process-tree.ts";
import type { Exchange, Row, RunHistory, SeenTask, ToolLine } from "../model/history.ts";
import { isEnded, jobIds, lastItem } from "../model/job-rules.ts";
import { isEntry } from "../model/warm-rules.ts";
import { digestOf, storedParts } from "../model/worker-rules.ts";
import { LINES } from "../tools/steps-tool.ts";
import type { FaultPath } from "./fault-path.ts";

/** After an answer everything that still runs has to end by itself. */
const SETTLE_MS = 90_000;

/** One run, as it is seen from outside. */
export class RunObserver {
  readonly path: FaultPath;
  /** Occurs in the arguments of the run's call, and nowhere else. */
  readonly label: string;
  readonly folder: string;
  /** Ids of the jobs that a client asked to cancel. */
  readonly cancelled: string[] = [];
  readonly #blamed = new Map<string, string[]>();

  constructor(faultPath: FaultPath, label: string) {
    this.path = faultPath;
    this.label = label;
    this.folder = path.join(faultPath.folder, label);
  }

  /** Ids of the run's jobs, or of one of its calls', in the order they were stored. */
  jobs(call?: string): readonly string[] {
    const own = this.path.table.rows.filter(({ sk, old, now }) => {
      if (sk !== "job" || old !== undefined) return false;
      const input = JSON.parse(String(now?.input ?? "{}")) as Readonly<Record<string, unknown>>;
      return input.label === this.label && (call === undefined || input.call === call);
    });
    return own.map(({ pk }) => pk.replace(/^.*#J#/, ""));
  }

  /** Of a worker's own process, once the tool has run in it. */
  pidOf(arn: string): number | undefined {
    const start = this.lines().find(
      (line) => line.kind === "start" && arn.endsWith(`/${line.task}`),
    );
    return start?.kind === "start" ? start.processes[0]?.pid : undefined;
  }

  /** What was done to a task on purpose. */
  blame(arn: string, what: string): void {
    this.#blamed.set(arn, [...(this.#blamed.get(arn) ?? []), what]);
  }

  tasks(): readonly SeenTask[] {
    const jobs = new Set(this.jobs());
    return this.path.local.cloud.ecs.tasks().flatMap((task) => {
      const variables = task.overrides.containerOverrides.flatMap(
        ({ environment = [] }) => environment,
      );
      const order = variables.find(({ name }) => name === "ZENODE_JOB")?.value ?? "{}";
      const { id, tenant = "" } = JSON.parse(order) as { readonly id?: string; tenant?: string };
      if (id === undefined || !jobs.has(id)) return [];
      const exitCode = task.containers[0]?.exitCode;
      return {
        arn: task.taskArn,
        job: id,
        tenant,
        release: task.taskDefinitionArn.replace(/^.*\//, ""),
        lastStatus: task.lastStatus,
        ...(exitCode !== undefined && { exitCode }),
        ...(task.stopCode !== undefined && { stopCode: task.stopCode }),
        ...(task.stoppedAt !== undefined && { stoppedAt: task.stoppedAt * 1000 }),
        faults: this.#blamed.get(task.taskArn) ?? [],
      };
    });
  }

  lines(): readonly ToolLine[] {
    const file = path.join(this.folder, LINES);
    if (!existsSync(file)) return [];
    const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line) as ToolLine);
  }

  /** Waits until everything has ended, then gives what was seen. What does not end is in it too. */
  async history(
    expected: Pick<RunHistory, "steps" | "file" | "troubled" | "lingers" | "users">,
    exchanges: readonly Exchange[],
  ): Promise<RunHistory> {
    await eventually("the run to settle", () => this.#hasSettled(), SETTLE_MS).catch(
      () => undefined,
    );
    await this.path.table.caughtUp();
    const rows = this.#rows();
    const lines = this.lines();
    const started = lines.flatMap((line) => (line.kind === "start" ? line.processes : []));
    const left = stillRunning(started.map((one) => ({ ...one, command: "" })));
    return {
      ...expected,
      cancelled: this.cancelled,
      rows,
      tasks: this.tasks(),
      lines,
      exchanges,
      objects: await this.#objects(rows),
      left,
      endedAt: Date.now(),
    };
  }

  #hasSettled(): boolean {
    const { rows } = this.path.table;
    const jobs = this.jobs();
    const haveEnded = jobs.length > 0 && jobs.every((job) => isEnded(lastItem(rows, job)));
    const tasks = this.tasks();
    return (
      haveEnded &&
      tasks.every(({ lastStatus }) => lastStatus === "STOPPED") &&
      tasks.every(({ arn }) => this.#isGone(arn))
    );
  }

  /** Nobody can order anything from a worker whose entry was taken away, closed, or is over. */
  #isGone(arn: string): boolean {
    const entry = this.path.table.rows.findLast((row) => isEntry(row) && row.sk === arn)?.now;
    return Number(entry?.until ?? 0) < Date.now();
  }

  #isOwn(): (row: Row) => boolean {
    const jobs = this.jobs();
    const arns = new Set(this.tasks().map(({ arn }) => arn));
    return (row) =>
      isEntry(row) ? arns.has(row.sk) : jobs.some((job) => row.pk.endsWith(`#${job}`));
  }

  #rows(): readonly Row[] {
    return this.path.table.rows.filter(this.#isOwn());
  }

  /** Results that lie in the bucket, by their jobs, read by the SDK as anybody would (docs/data-model/items.md). */
  async #objects(rows: readonly Row[]): Promise<RunHistory["objects"]> {
    const digests = jobIds(rows).flatMap((job) => {
      const item = lastItem(rows, job);
      const parts = item ? storedParts(item) : 0;
      if (!item || parts === 0) return [];
      const tenant = String(JSON.parse(String(item.principal)).tenant);
      const folder = `temp/${tenant}/results/${job}/${item.finishedFence}`;
      return [this.#digestOfParts(folder, parts).then((digest) => [job, digest] as const)];
    });
    return Object.fromEntries(await Promise.all(digests));
  }

  async #digestOfParts(folder: string, parts: number): Promise<string> {
    const keys = Array.from({ length: parts }, (_, part) => `${folder}/${part}`);
    return digestOf((await Promise.all(keys.map((key) => this.path.readObject(key)))).join(""));
  }

  /** The run is over and judged. */
  forget(): void {
    this.path.table.forget(this.#isOwn());
  }
}
