import type { ModelChange, State } from "./state.ts";

/** How a step ended, as the one who made it was told. */
export type Outcome =
  | { readonly kind: "done"; readonly number: number }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** A store failed: it may have been done all the same. */
  | { readonly kind: "failed"; readonly message: string }
  /** Its process died: nobody was told. */
  | { readonly kind: "dead" }
  /** Anything else: a fault of ours. */
  | { readonly kind: "broken"; readonly error: unknown };

/** What a step was found to mean, with paths for its places. */
export type Intent =
  /** Nothing was sent: the project could not be opened or read. */
  | { readonly kind: "none" }
  | { readonly kind: "create" }
  | { readonly kind: "change"; readonly base: number; readonly changes: readonly ModelChange[] }
  /** `base`: the snapshot that the server said the push begins at, or that the client named. */
  | { readonly kind: "push"; readonly base: number | undefined; readonly files: State }
  /** A folder's changes since it was as `base`; `onto`: the newest when they were sent. */
  | {
      readonly kind: "sync";
      readonly base: State;
      readonly local: State;
      readonly onto: number | undefined;
    }
  /** `isOverdue`: of what was held for longer than any call goes on, so its packs may be gone. */
  | { readonly kind: "read"; readonly isOverdue: boolean }
  /** Makes what lies at a path ("": everything) as it was in the snapshot `source`; `base` was the newest then. */
  | {
      readonly kind: "restore";
      readonly base: number;
      readonly source: number;
      /** It was asked for by its number, not held. */
      readonly isAsked: boolean;
      readonly path: string;
    }
  /** Asked for a snapshot by its number. */
  | { readonly kind: "openAt"; readonly number: number }
  | { readonly kind: "remove" }
  | { readonly kind: "collect" };

/** What a reader saw: a whole state of one snapshot. */
export interface Sight {
  readonly number: number;
  /** Of the newest snapshot when it was opened; else of one that was held. */
  readonly fresh: boolean;
  readonly files: State;
  /** All directories below the root. */
  readonly directories: readonly string[];
}

/** A step that was made, and what is known of it from outside. */
export interface Deed {
  /** Says in a snapshot's record whose it is. */
  readonly message: string;
  readonly project: string;
  readonly user: string;
  readonly intent: Intent;
  readonly outcome: Outcome;
  readonly sights: readonly Sight[];
}
