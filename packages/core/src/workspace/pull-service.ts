import type { Principal } from "../access/principal.ts";
import { allows } from "../access/scope.ts";
import { RefusedError } from "../lib/error.ts";
import type { PackStore } from "./pack-store.ts";
import { parseProjectName } from "./parse-path.ts";
import type { BeginPullRequest, BeginPullResponse } from "./pull-wire.ts";
import type { SnapshotRecord, SnapshotStore } from "./snapshot-store.ts";

/** How long a pack may be read before its URL is asked for again. */
const READ_SECONDS = 15 * 60;

export interface PullServiceOptions {
  readonly snapshots: SnapshotStore;
  readonly packs: PackStore;
}

/** The server's half of a pull: names a snapshot's packs and signs URLs for them. The client reads the packs past the server. */
export class PullService {
  readonly #options: PullServiceOptions;

  constructor(options: PullServiceOptions) {
    this.#options = options;
  }

  /** @throws RefusedError `forbidden` without the scope `read`, `not_found` (no such project or snapshot, or it was deleted with it). */
  async begin({
    principal,
    project: name,
    snapshot,
    known,
  }: BeginPullRequest & { readonly principal: Principal }): Promise<BeginPullResponse> {
    if (!allows(principal.scopes, "read")) {
      throw new RefusedError("forbidden", "To pull, sign in with the scope zenode/read.");
    }
    const { tenant } = principal;
    const project = parseProjectName(name);
    const head = await this.#options.snapshots.head(tenant, project);
    if (!head) throw new RefusedError("not_found", `There is no project ${project}.`);
    const get = async (number: number) =>
      number === head.number ? head : await this.#options.snapshots.get(tenant, project, number);
    const record = snapshot === undefined ? head : await get(snapshot);
    if (!record) {
      throw new RefusedError(
        "not_found",
        `There is no snapshot ${snapshot} of ${project}; the newest is ${head.number}.`,
      );
    }
    if (record.deleted) {
      throw new RefusedError(
        "not_found",
        `${project} was deleted by ${record.author} in snapshot ${record.number}.`,
      );
    }
    const knownRoot = known === undefined ? undefined : (await get(known))?.root;
    const { number, root, files, bytes, author, message, createdAt } = record;
    return {
      ...{ snapshot: number, head: head.number, root, files, bytes, author, message, createdAt },
      ...(knownRoot !== undefined && { knownRoot }),
      packs: known === number ? [] : await this.#sign(tenant, record),
    };
  }

  #sign(tenant: string, { project, packs }: SnapshotRecord): Promise<BeginPullResponse["packs"]> {
    const { packs: store } = this.#options;
    const signed = packs.map(async ({ id, bytes, indexBytes }) => {
      const url = await store.presignRead(tenant, project, id, READ_SECONDS);
      return { id, bytes, indexBytes, url };
    });
    return Promise.all(signed);
  }
}
