import { byteLength, KIB } from "@zenode/core";

/** Of one list: with four of them a report still fits a checkpoint. */
const LISTED = 200;
const LIST_BYTES = 6 * KIB;

/** What was not taken, and why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

export function boundPaths(paths: readonly string[]): readonly string[] {
  return bound(paths, (path) => path);
}

export function boundPlaces(places: readonly LeftOut[]): readonly LeftOut[] {
  return bound(places, ({ path, why }) => path + why);
}

function bound<One>(all: readonly One[], toText: (one: One) => string): readonly One[] {
  let bytes = 0;
  const end = all.slice(0, LISTED).findIndex((one) => {
    bytes += byteLength(JSON.stringify(toText(one)));
    return bytes > LIST_BYTES;
  });
  return all.slice(0, end < 0 ? LISTED : end);
}
