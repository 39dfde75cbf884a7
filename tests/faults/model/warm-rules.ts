import type { Item, Row, RunHistory, SeenTask, ToolLine, Violation } from "./history.ts";
import { jobIds, violation } from "./job-rules.ts";

/** A worker that has nothing to do must be gone so soon after the time it said it would wait until. */
const OVERSTAY_MS = 15_000;

const HELD: ReadonlySet<unknown> = new Set(["claimed", "running", "input_required"]);

/** What a job's item says of its holder. */
interface Holding {
  readonly worker: unknown;
  readonly leaseUntil: number;
}

/** An order as the table had it, and whether its worker ever claimed the job. */
export interface SeenOrder {
  readonly worker: string;
  readonly job: string;
  readonly taken: boolean;
}

/** A worker's entry among those of its tenant that wait: the worker's ARN is its sort key. */
export function isEntry({ pk }: Pick<Row, "pk">): boolean {
  return pk.endsWith("#W");
}

/** Every order that was given, in order; the same job to the same worker again counts again. */
export function ordersOf(rows: readonly Row[]): readonly SeenOrder[] {
  return rows.filter(isOrder).map(({ sk, now, sequence }) => ({
    worker: sk,
    job: String(now?.job),
    taken: rows.some(
      (row) =>
        row.sequence > sequence &&
        isClaim(row) &&
        row.now?.worker === sk &&
        jobOf(row) === now?.job,
    ),
  }));
}

/** Workers that wait for their own tenant's next job: whom it may be given, what they hold, and that they leave. */
export function checkWarm(history: RunHistory): Violation[] {
  const { rows, lingers } = history;
  const entries = rows.filter(isEntry);
  if (!lingers && entries.length > 0)
    return [violation("warm-off", "a worker waits, though none is to")];
  return [
    ...checkHolders(history),
    ...entries.filter(isOrder).flatMap((row) => checkOrder(row, history)),
    ...history.tasks.flatMap((task) => checkLeaving(task, history)),
    ...checkProcesses(history),
  ];
}

function isOrder(row: Row): boolean {
  const { old, now } = row;
  return isEntry(row) && now?.job !== undefined && now.job !== old?.job;
}

function isClaim({ sk, old, now }: Row): boolean {
  return sk === "job" && old?.state === "queued" && now?.state === "claimed";
}

function jobOf({ pk }: Row): string {
  return pk.replace(/^.*#J#/, "");
}

function tenantOf({ pk }: Row): string {
  return /^T#([^#]+)#/.exec(pk)?.[1] ?? "";
}

/** In the order of the writes: who holds what, who may claim what, and who offers itself. */
function checkHolders({ rows, tasks }: RunHistory): Violation[] {
  const holders = new Holders(tasks);
  return rows.flatMap((row) => {
    const found = isEntry(row) ? checkWaiting(row, holders) : checkClaim(row, holders);
    holders.see(row);
    return found;
  });
}

/** Who holds which job, and who was given which, up to a write. */
class Holders {
  readonly #held = new Map<string, Holding>();
  readonly #given: ReadonlyMap<string, Set<string>>;
  /** The latest time that a job's item was written at, by whose clock ever. */
  #time = 0;

  constructor(tasks: readonly SeenTask[]) {
    this.#given = new Map(tasks.map(({ arn, job }) => [arn, new Set([job])]));
  }

  wasGiven(worker: string, job: string): boolean {
    return this.#given.get(worker)?.has(job) ?? false;
  }

  /** The job, if any, that the worker holds with a lease that is not over. */
  jobOf(worker: string, but?: string): string | undefined {
    const held = [...this.#held].filter(
      ([job, { worker: holder }]) => holder === worker && job !== but,
    );
    return held.find(([, { leaseUntil }]) => this.#time < leaseUntil)?.[0];
  }

  see(row: Row): void {
    if (isOrder(row)) this.#given.get(row.sk)?.add(String(row.now?.job));
    if (row.sk !== "job") return;
    this.#time = Math.max(this.#time, Number(row.now?.updatedAt ?? 0));
    if (row.now && HELD.has(row.now.state)) this.#held.set(jobOf(row), toHolding(row.now));
    else this.#held.delete(jobOf(row));
  }
}

function checkClaim(row: Row, holders: Holders): Violation[] {
  if (!isClaim(row)) return [];
  const [worker, job] = [String(row.now?.worker), jobOf(row)];
  const other = holders.jobOf(worker, job);
  return [
    ...(other ? [violation("one-at-a-time", `${worker} took ${job} and has ${other}`)] : []),
    ...(holders.wasGiven(worker, job)
      ? []
      : [violation("ordered", `${worker} took ${job}, which nobody gave it`)]),
  ];
}

/** Who offers itself, or withdraws, has no job any more. */
function checkWaiting({ sk, old, now }: Row, holders: Holders): Violation[] {
  const isOffer = now !== undefined && now.number !== old?.number;
  const job = isOffer || now === undefined ? holders.jobOf(sk) : undefined;
  if (job === undefined) return [];
  return [violation("waits-idle", `${sk} ${isOffer ? "offers itself" : "left"} with ${job}`)];
}

function toHolding({ worker, leaseUntil }: Item): Holding {
  return { worker: worker ?? null, leaseUntil: Number(leaseUntil ?? Number.POSITIVE_INFINITY) };
}

/** An order is for a waiting worker of the same tenant and release, before its time is over. */
function checkOrder(row: Row, { rows, tasks }: RunHistory): Violation[] {
  const { sk, old, now } = row;
  const said = (text: string) => violation("order", `${now?.job} was given to ${sk}, ${text}`);
  const task = tasks.find(({ arn }) => arn === sk);
  if (task === undefined) return [said("which was never launched")];
  const jobRow = rows.find((each) => each.sk === "job" && jobOf(each) === now?.job);
  const tenants = new Set([tenantOf(row), task.tenant, ...(jobRow ? [tenantOf(jobRow)] : [])]);
  const found: Violation[] = [];
  if (!jobRow) found.push(said("and there is no such job"));
  if (tenants.size > 1) found.push(said(`across the tenants ${[...tenants]}`));
  if (now?.taskDefinition !== task.release) found.push(said("which is of another release"));
  if (old === undefined || old.job !== undefined) found.push(said("which does not wait"));
  if (!(Number(old?.until) > Number(now?.orderedAt))) found.push(said("which has left by then"));
  return found;
}

/** A worker leaves when its time is over, and no entry stays that could be ordered something. */
function checkLeaving(task: SeenTask, { rows, endedAt, troubled }: RunHistory): Violation[] {
  const { arn, stoppedAt, exitCode, faults } = task;
  const own = rows.filter((row) => isEntry(row) && row.sk === arn);
  const last = own.at(-1)?.now;
  const until = Math.max(...own.map(({ now }) => Number(now?.until ?? 0)));
  const found: Violation[] = [];
  if (Number(last?.until ?? 0) > endedAt)
    found.push(violation("entry", `${arn} is gone and can be ordered until ${last?.until}`));
  const byItself = exitCode === 0 && faults.length === 0 && !troubled;
  if (!byItself || own.length === 0) return found;
  if (last !== undefined) found.push(violation("entry", `${arn} left, and its entry stayed`));
  if (Number(stoppedAt) > lastWork(rows, arn, until) + OVERSTAY_MS)
    found.push(violation("overstay", `${arn} stayed until ${stoppedAt}, not ${until}`));
  return found;
}

/** The end of its wait, or of the last job it had, if that was later. */
function lastWork(rows: readonly Row[], arn: string, until: number): number {
  const own = rows.filter(({ sk, now }) => sk === "job" && now?.worker === arn);
  return Math.max(until, ...own.map(({ now }) => Number(now?.updatedAt ?? 0)));
}

type Start = Extract<ToolLine, { kind: "start" }>;

/** A process is one tenant's for ever; a job finds nothing of the one before, and is run for who called. */
function checkProcesses({ lines, tasks, users }: RunHistory): Violation[] {
  const starts = lines.filter((line): line is Start => line.kind === "start");
  const owners = new Map<string, string>();
  return starts.flatMap(({ run, task, tenant, user, call, found, processes: [own] }) => {
    const said: Violation[] = found.map((what) => violation("traces", `run ${run} found ${what}`));
    const process = own ? `${own.pid}-${own.startedAt}` : run;
    const owner = owners.get(process) ?? tasks.find(({ arn }) => arn.endsWith(`/${task}`))?.tenant;
    owners.set(process, owner ?? tenant);
    if (owner !== tenant)
      said.push(violation("tenant", `run ${run} is ${tenant}'s, in a worker of ${owner}'s`));
    const caller = users[call ?? ""];
    if (caller !== undefined && caller !== user)
      said.push(violation("caller", `run ${run} of ${caller}'s call was told it is ${user}'s`));
    return said;
  });
}

/** How many jobs more than calls there were: a call that was made again when its job had ended. */
export function extraJobs({ rows, exchanges }: RunHistory): number {
  return jobIds(rows).length - new Set(exchanges.map(({ call }) => call)).size;
}
