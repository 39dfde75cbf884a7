import type { Job, JobId } from "./job.ts";

/**
 * Jobs that wait for a worker: one ticket per job beside its tenant's other tickets, and one place
 * per tenant in a ring that all tenants share. Every method is one read or one conditional write
 * that may be repeated; reads are strongly consistent. No order of the writes of several processes,
 * and no death between two of them, loses a job: see `dispatch.ts`.
 */
export interface LaunchQueue {
  /** Who waits; with `atMost`, that many of them, which tells whether anybody does. */
  ring(atMost?: number): Promise<Ring>;
  /** Stores the ticket. False: it was there. */
  addTicket(ticket: Ticket): Promise<boolean>;
  /** The tenant's oldest ticket. */
  oldest(tenant: string): Promise<Ticket | undefined>;
  /** Takes a ticket away, if it is there. */
  dropTicket(ticket: Ticket): Promise<void>;
  /** Gives the tenant a place with this turn, or counts one more arrival at the place it has. */
  join(tenant: string, turn: number): Promise<void>;
  /** Moves the tenant from the turn that was seen to another. False: somebody else has moved it. */
  moveTurn(seen: Place, turn: number): Promise<boolean>;
  /** Gives the place up, unless somebody joined it or moved it since it was seen: then false. */
  leave(seen: Place): Promise<boolean>;
  /** Tells everybody that launches are refused: none is worth a try before `until`. Never sets it back. */
  closeGate(until: number): Promise<void>;
}

export interface Ring {
  /** In no order. */
  readonly places: readonly Place[];
  /** Milliseconds since the epoch until which a launch will hardly be taken; 0: nothing is known. */
  readonly closedUntil: number;
}

export interface Place {
  readonly tenant: string;
  /** When it was served last, or came to wait: milliseconds since the epoch. The lowest is next. */
  readonly turn: number;
  /** Grows with each arrival. */
  readonly joined: number;
}

/** A job that waits. The same job has the same ticket, whoever writes it and however often. */
export interface Ticket {
  readonly tenant: string;
  readonly id: JobId;
  /** When the call was made; a tenant's jobs are served in this order. */
  readonly since: number;
  /** When the job may be forgotten. */
  readonly expiresAt: number;
}

export function ticketOf({ id, principal, createdAt, expiresAt }: Job): Ticket {
  return { tenant: principal.tenant, id, since: createdAt, expiresAt };
}
