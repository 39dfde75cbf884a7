import { KIB, MIB } from "../../lib/bytes.ts";
import type { BlobReader } from "../blob-reader.ts";
import type { Pack } from "../pack.ts";
import type { PackSeries } from "../pack-series.ts";
import { type ReachableBlob, reachable } from "../reachable.ts";
import type { BlobReference } from "../tree.ts";

/** So many small packs a snapshot may lie in: each costs a cold reader one request. */
const SMALL_PACKS = 12;
/** A larger pack stays as it is, unless most of it is garbage: reading and writing it anew would cost a call seconds. */
const SMALL_BYTES = 4 * MIB;

/** Below this size does not matter: a request takes as long for less. */
const LEAST_WEIGHT = 64 * KIB;

/** So much content one commit writes anew, before compression; where one pack alone has more of it, that one pack's. */
const MERGED_BYTES = 64 * MIB;
/** So much garbage is not worth a look. */
const LEAST_GARBAGE = 4 * MIB;

export interface MergeSource {
  /** Where to begin for all that is needed of `packs`. */
  readonly roots: readonly ReachableBlob[];
  readonly blobs: BlobReader;
  readonly packs: readonly Pack[];
  /** At least those of all files that the roots reach. */
  readonly bytes: number;
}

/** What of a pack is needed. */
interface Reached {
  readonly file: BlobReference[];
  readonly tree: BlobReference[];
  /** Files that it lists the chunks of. The chunks themselves are among `file`, of the packs they lie in. */
  readonly chunked: Map<string, readonly BlobReference[]>;
  bytes: number;
}

/** Packs to leave out of the next record, once what is reached of them has been added to its new packs. */
export type MergePlan = ReadonlyMap<Pack, Reached>;

/**
 * Which packs to write anew together with what a commit adds. Two reasons: too many small ones have gathered (reading
 * stays cheap after thousands of commits), or more than half of what the packs hold is garbage (it costs money). A byte is
 * written about as often as the logarithm of the number of commits.
 * `hasRoom` is asked whether what is written anew may be stored, before it is compressed.
 */
export async function planMerge(
  source: MergeSource,
  hasRoom: (bytes: number) => Promise<boolean>,
): Promise<MergePlan> {
  const small = chooseSmall(source.packs);
  const raw = await rawBytes(source.packs);
  const held = [...raw.values()].reduce((sum, bytes) => sum + bytes, 0);
  // Some pack is then more than half garbage, so there is always something to gain.
  const isWasteful = held > 2 * source.bytes + LEAST_GARBAGE;
  if (small.size === 0 && !isWasteful) return new Map();
  const reached = await findReached(source);
  const isChosen = (pack: Pack) =>
    small.has(pack) || (isWasteful && 2 * (reached.get(pack)?.bytes ?? 0) < (raw.get(pack) ?? 0));
  const chosen = [...reached]
    .filter(([pack]) => isChosen(pack))
    .sort(([, a], [, b]) => a.bytes - b.bytes);
  let left = MERGED_BYTES;
  const plan = chosen.filter(([, { bytes }], at) => {
    left -= bytes;
    return at === 0 || left >= 0;
  });
  const most = plan.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  // Until the old packs are collected both are stored: a commit is not to be refused for want of that room.
  return new Map(most === 0 || (await hasRoom(most)) ? plan : []);
}

/** Once too many have gathered, the smallest, until each one left outweighs all smaller ones together (`git repack --geometric`). */
function chooseSmall(packs: readonly Pack[]): ReadonlySet<Pack> {
  const small = packs
    .filter(({ source }) => source.bytes <= SMALL_BYTES)
    .sort((a, b) => a.source.bytes - b.source.bytes);
  if (small.length < SMALL_PACKS) return new Set();
  let [end, below] = [0, 0];
  for (const [at, { source }] of small.entries()) {
    const weight = Math.max(source.bytes, LEAST_WEIGHT);
    if (weight <= below) end = at + 1;
    below += weight;
  }
  return new Set(small.slice(0, end));
}

async function rawBytes(packs: readonly Pack[]): Promise<ReadonlyMap<Pack, number>> {
  const raw = new Map<Pack, number>();
  for (const pack of packs) {
    const { frames } = await pack.index();
    raw.set(
      pack,
      frames.reduce((sum, { rawBytes: bytes }) => sum + bytes, 0),
    );
  }
  return raw;
}

/** Of every pack, those of which nothing is reached too. */
async function findReached({ roots, blobs, packs }: MergeSource): Promise<Map<Pack, Reached>> {
  const found = new Map<Pack, Reached>(
    packs.map((pack) => [pack, { file: [], tree: [], chunked: new Map(), bytes: 0 }]),
  );
  for await (const blob of reachable(roots, blobs)) {
    const place = await blobs.find(blob.blob);
    const reached = place && found.get(place.pack);
    if (!reached) continue;
    if ("chunks" in place) {
      reached.chunked.set(blob.blob, place.chunks);
      continue;
    }
    reached[blob.kind].push(blob);
    reached.bytes += blob.bytes;
  }
  return found;
}

/** Adds what a plan's packs are still needed for. @throws RefusedError `corrupt`. */
export async function addReached(
  series: PackSeries,
  plan: MergePlan,
  blobs: BlobReader,
): Promise<void> {
  const all = [...plan.values()];
  for (const kind of ["file", "tree"] as const) {
    const wanted = all.flatMap((reached) => reached[kind]);
    for await (const { blob, content } of blobs.readMany(wanted)) {
      await series.add(blob, content, kind);
    }
  }
  for (const { chunked } of all) {
    for (const [file, chunks] of chunked) series.addChunked(file, chunks);
  }
}
