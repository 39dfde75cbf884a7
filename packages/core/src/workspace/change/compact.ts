import { KIB, MIB } from "../../lib/bytes.ts";
import type { BlobReader } from "../blob-reader.ts";
import type { Pack } from "../pack.ts";
import type { PackSeries } from "../pack-series.ts";
import { type ReachableBlob, reachable } from "../reachable.ts";
import type { BlobReference } from "../tree.ts";

/** So many small packs a snapshot may lie in: each costs a cold reader one request. */
const SMALL_PACKS = 12;
/** A larger pack stays as it is: reading and writing it anew would cost a call seconds. */
const SMALL_BYTES = 4 * MIB;

/** Below this size does not matter: a request takes as long for less. */
const LEAST_WEIGHT = 64 * KIB;

/**
 * Packs to write anew together with what a commit adds, so that reading stays cheap after thousands of edits: once too
 * many small ones have gathered, the smallest, until each one left outweighs all smaller ones together. A byte is so
 * written about as often as the logarithm of the number of edits (`git repack --geometric` has the same rule).
 */
export function choosePacksToMerge(packs: readonly Pack[]): ReadonlySet<Pack> {
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

/** Adds everything that can be reached from some roots and that lies in certain packs. */
export async function addReachable(
  series: PackSeries,
  {
    roots,
    blobs,
    packs,
  }: { roots: readonly ReachableBlob[]; blobs: BlobReader; packs: ReadonlySet<Pack> },
): Promise<void> {
  const found = { file: [] as BlobReference[], tree: [] as BlobReference[] };
  for await (const reached of reachable(roots, blobs)) {
    const place = await blobs.find(reached.blob);
    if (!place || !packs.has(place.pack)) continue;
    if ("chunks" in place) series.addChunked(reached.blob, place.chunks);
    else found[reached.kind].push(reached);
  }
  for (const kind of ["file", "tree"] as const) {
    for await (const { blob, content } of blobs.readMany(found[kind])) {
      await series.add(blob, content, kind);
    }
  }
}
