import type { Clock } from "../lib/clock.ts";
import { SECOND } from "../lib/duration.ts";
import type { Job } from "./job.ts";
import type { JobStore } from "./job-store.ts";
import { isUnderWay, launchWorker } from "./launch.ts";
import { type LaunchQueue, type Place, type Ring, type Ticket, ticketOf } from "./launch-queue.ts";
import type { WorkerLauncher } from "./launcher.ts";
import { lastTurn, nextPlace } from "./turn-policy.ts";

export interface DispatchPorts {
  readonly jobs: Pick<JobStore, "get" | "noteLaunch">;
  readonly queue: LaunchQueue;
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
}

/** For how long after a refused launch nobody tries another one, but for whom room came free. */
const GATE_MS = 2 * SECOND;

/** Of one run at most: a Lambda must end, and whoever is told or looks next goes on. */
const STEPS_PER_RUN = 100;

/**
 * The one door to a worker. A queued job is launched at once if nobody waits; else, or if the launch
 * is refused, it gets a ticket and waits its tenant's turn. Repeatable.
 */
export async function bringToWorker(
  ports: DispatchPorts,
  job: Job,
): Promise<"launched" | "waiting"> {
  const { queue, clock } = ports;
  const ring = await queue.ring(1);
  if (ring.places.length === 0) {
    if ((await launchWorker(ports, job)).kind === "launched") return "launched";
    await queue.closeGate(clock.now() + GATE_MS);
  }
  const ticket = ticketOf(job);
  // The ticket first: a place without a ticket is given up by whoever comes to it, a ticket without
  // a place would wait for its job's next look.
  const isNew = await queue.addTicket(ticket);
  const isSeated = ring.places.some(({ tenant }) => tenant === ticket.tenant);
  if (isNew || !isSeated) await queue.join(ticket.tenant, clock.now());
  return "waiting";
}

/**
 * Launches waiting jobs, one per tenant in turn, until nobody waits or a launch is refused; tells how many.
 * `roomCame`: a worker stopped, so that a try is worth it though another was refused just now. Several
 * may run at once: each first takes the turn it serves, so no two serve the same one.
 */
export async function dispatch(ports: DispatchPorts, roomCame = false): Promise<number> {
  const { queue, clock } = ports;
  let launched = 0;
  for (let step = 0; step < STEPS_PER_RUN; step += 1) {
    const ring = await queue.ring();
    const place = nextPlace(ring);
    if (!place) break;
    if (!roomCame && launched === 0 && clock.now() < ring.closedUntil) break;
    const served = await serve(ports, ring, place);
    if (served === "refused") {
      await queue.closeGate(clock.now() + GATE_MS);
      break;
    }
    if (served === "launched") launched += 1;
  }
  return launched;
}

async function serve(
  ports: DispatchPorts,
  ring: Ring,
  place: Place,
): Promise<"launched" | "refused" | "moved-on"> {
  const { queue, clock } = ports;
  const ticket = await queue.oldest(place.tenant);
  if (!ticket) {
    // Whoever stored a ticket after this look joins after it too: then the place is not given up.
    await queue.leave(place);
    return "moved-on";
  }
  const job = await waitingJob(ports, ticket);
  if (!job) {
    await queue.dropTicket(ticket);
    return "moved-on";
  }
  const turn = lastTurn(ring, clock.now());
  if (!(await queue.moveTurn(place, turn))) return "moved-on";
  const { kind } = await launchWorker(ports, job).catch(async (cause: unknown) => {
    // What waiting does not mend must not keep its tenant's other jobs waiting; it is told all the same.
    await queue.dropTicket(ticket);
    throw cause;
  });
  if (kind === "later") {
    // No room: the tenant is still the one that was served longest ago.
    await queue.moveTurn({ ...place, turn }, place.turn);
    return "refused";
  }
  // After the launch: a job without a ticket that was not launched would wait for its next look.
  await queue.dropTicket(ticket);
  return "launched";
}

/** Undefined: the job has ended, has a worker or is getting one; its ticket is a leftover. */
async function waitingJob(
  { jobs, clock }: DispatchPorts,
  ticket: Ticket,
): Promise<Job | undefined> {
  const job = await jobs.get(ticket.tenant, ticket.id);
  return job?.state === "queued" && !isUnderWay(job, clock.now()) ? job : undefined;
}
