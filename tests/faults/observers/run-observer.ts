import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { eventually } from "../../harness/eventually.ts";
import { stillRunning } from "../../harness/process-tree.ts";
import type { Exchange, Row, RunHistory, SeenTask, ToolLine } from "../model/history.ts";
import { isEnded, jobIds, lastItem } from "../model/job-rules.ts";
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
  cancelled = false;
  readonly #blamed = new Map<string, string[]>();

  constructor(faultPath: FaultPath, label: string) {
    this.path = faultPath;
    this.label = label;
    this.folder = path.join(faultPath.folder, label);
  }

  /** Ids of the run's jobs, in the order they were stored. */
  jobs(): readonly string[] {
    const own = this.path.table.rows.filter(
      ({ old, now }) => old === undefined && String(now?.input).includes(`"${this.label}"`),
    );
    return own.map(({ pk }) => pk.replace(/^.*#J#/, ""));
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
      const { id } = JSON.parse(order) as { readonly id?: string };
      if (id === undefined || !jobs.has(id)) return [];
      const exitCode = task.containers[0]?.exitCode;
      return {
        arn: task.taskArn,
        job: id,
        lastStatus: task.lastStatus,
        ...(exitCode !== undefined && { exitCode }),
        ...(task.stopCode !== undefined && { stopCode: task.stopCode }),
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
    expected: Pick<RunHistory, "steps" | "file" | "troubled">,
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
    };
  }

  #hasSettled(): boolean {
    const { rows } = this.path.table;
    const jobs = this.jobs();
    const haveEnded = jobs.length > 0 && jobs.every((job) => isEnded(lastItem(rows, job)));
    return haveEnded && this.tasks().every(({ lastStatus }) => lastStatus === "STOPPED");
  }

  #rows(): readonly Row[] {
    const jobs = this.jobs();
    return this.path.table.rows.filter(({ pk }) => jobs.some((job) => pk.endsWith(`#${job}`)));
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
    const jobs = this.jobs();
    this.path.table.forget(({ pk }) => jobs.some((job) => pk.endsWith(`#${job}`)));
  }
}
