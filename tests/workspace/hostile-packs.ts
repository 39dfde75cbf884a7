import { deflateRawSync } from "node:zlib";
import {
  chunkedOf,
  fileOf,
  type HandBlob,
  type HandChunks,
  type HandFrame,
  indexOf,
  packOf,
  sealPack,
  sha256,
  sortBlobs,
  treeOf,
  varint,
} from "./hand-made.ts";

/** Uploads that are no packs, or that lie. `root` is what the client commits. */
export interface HostilePack {
  readonly what: string;
  readonly pack: () => Uint8Array;
  readonly code: "invalid_input" | "corrupt" | "not_found";
  readonly text: string;
}

const hello = Buffer.from("hello");
/** The root that each of them is to hold. */
export const ROOT = treeOf(fileOf("hello", hello));
const MIB = 1_048_576;

const blob = (content: Uint8Array, frame: number, more: Partial<HandBlob> = {}): HandBlob => ({
  ...{ id: sha256(content), frame, offset: 0, bytes: content.length },
  ...more,
});
const plain = (content: Uint8Array, more: Partial<HandFrame> = {}): HandFrame => ({
  ...{ flags: 0, stored: content, rawBytes: content.length },
  ...more,
});
const FRAMES = [plain(hello), plain(ROOT)];
const BLOBS = sortBlobs([blob(hello, 0), blob(ROOT, 1)]);
const INDEX = indexOf(FRAMES, BLOBS);

const refused = (what: string, text: string, pack: () => Uint8Array): HostilePack => ({
  ...{ what, pack, text },
  code: "invalid_input",
});
/** The index is all right by itself; reading the root tells. */
const corrupt = (what: string, text: string, pack: () => Uint8Array): HostilePack => ({
  ...{ what, pack, text },
  code: "corrupt",
});
/** Other blobs than the ones that belong there. */
const withBlobs = (...blobs: readonly HandBlob[]) => sealPack(FRAMES, indexOf(FRAMES, blobs));
const withFrames = (...frames: readonly HandFrame[]) => sealPack(frames, indexOf(frames, BLOBS));

const withChunked = (...files: readonly HandChunks[]) =>
  sealPack(FRAMES, Buffer.concat([INDEX, chunkedOf(files)]), { version: 2 });
/** A file, named by one digit, of chunks of these sizes. */
const inChunks = (digit: string, ...sizes: readonly number[]): HandChunks => ({
  id: digit.repeat(64),
  chunks: sizes.map((bytes) => ({ bytes, id: sha256(hello) })),
});

export const HOSTILE_PACKS: readonly HostilePack[] = [
  refused("one byte", "too short", () => Uint8Array.of(0)),
  refused("text", "too short", () => Buffer.from("hello")),
  refused("zeros", "no pack", () => Buffer.alloc(4_096)),
  refused("a zip archive", "no pack", () => Buffer.from(`PK\x05\x06${"\0".repeat(60)}`, "latin1")),
  refused("another magic", "no pack", () => sealPack(FRAMES, INDEX, { magic: "znpack\n\n" })),
  refused("version 0", "version is 0", () => sealPack(FRAMES, INDEX, { version: 0 })),
  refused("version 3", "version is 3", () => sealPack(FRAMES, INDEX, { version: 3 })),
  refused("version 2 that ends like version 1", "ends too early", () =>
    sealPack(FRAMES, INDEX, { version: 2 }),
  ),
  refused("version 2 without a file in chunks", "no file in chunks", () => withChunked()),
  refused("version 1 with a file in chunks", "follow the end", () =>
    sealPack(FRAMES, Buffer.concat([INDEX, chunkedOf([inChunks("a", MIB, MIB)])])),
  ),
  refused("a file in no chunks", "fewer than two", () => withChunked(inChunks("a"))),
  refused("a file in one chunk", "fewer than two", () => withChunked(inChunks("a", MIB))),
  refused("a file in 258 chunks", "258, over 257", () =>
    withChunked(inChunks("a", ...Array.from({ length: 258 }, () => MIB / 4))),
  ),
  refused("a first chunk below 256 KiB", "too small", () =>
    withChunked(inChunks("a", MIB / 4 - 1, MIB)),
  ),
  refused("a last chunk without a byte", "too small", () => withChunked(inChunks("a", MIB, 0))),
  refused("a file of over 64 MiB in chunks", "over", () =>
    withChunked(inChunks("a", 60 * MIB, 4 * MIB, 1)),
  ),
  refused("over 8 GiB of files in chunks", "over", () =>
    withChunked(
      ...Array.from({ length: 129 }, (_, at) => ({
        ...inChunks("a", 32 * MIB, 32 * MIB),
        id: at.toString(16).padStart(64, "0"),
      })),
    ),
  ),
  refused("a billion files in chunks", "over", () =>
    sealPack(FRAMES, Buffer.concat([INDEX, varint(2 ** 30)]), { version: 2 }),
  ),
  refused("files in chunks out of order", "not in order", () =>
    withChunked(inChunks("b", MIB, 1), inChunks("a", MIB, 1)),
  ),
  refused("a file in chunks twice", "not in order", () =>
    withChunked(inChunks("a", MIB, 1), inChunks("a", MIB, 2)),
  ),
  refused("a cut pack", "no pack", () => packOf([hello, ROOT]).subarray(0, -1)),
  refused("another hash of the index", "not what was written", () =>
    sealPack(FRAMES, INDEX, { hash: "0".repeat(64) }),
  ),
  refused("an index longer than the pack", "impossible length", () =>
    sealPack(FRAMES, INDEX, { indexBytes: 100_000 }),
  ),
  refused("an index of 4 GiB", "impossible length", () =>
    sealPack(FRAMES, INDEX, { rawIndexBytes: 0xffff_ffff }),
  ),
  refused("an index longer than it says", "can't be inflated", () =>
    sealPack(FRAMES, INDEX, { rawIndexBytes: 10 }),
  ),
  refused("an index shorter than it says", "shorter than it says", () =>
    sealPack(FRAMES, INDEX, { rawIndexBytes: INDEX.length + 1 }),
  ),
  refused("an index that is not deflated", "can't be inflated", () =>
    sealPack(FRAMES, INDEX, {}, Buffer.from("no DEFLATE data at all")),
  ),
  refused("a bomb as an index: 64 MiB of a few KB", "can't be inflated", () =>
    sealPack([], INDEX, { rawIndexBytes: 1_000 }, deflateRawSync(Buffer.alloc(64 * MIB))),
  ),
  refused("a bomb as an index that says so", "impossible length", () => {
    const bomb = deflateRawSync(Buffer.alloc(64 * MIB));
    return sealPack([], INDEX, { rawIndexBytes: 64 * MIB }, bomb);
  }),
  refused("an empty index", "ends too early", () => sealPack([], Buffer.alloc(0))),
  refused("bytes behind the index", "follow the end", () =>
    sealPack(FRAMES, Buffer.concat([INDEX, Buffer.of(0)])),
  ),
  refused("a frame that is not there", "do not fill", () => sealPack([], INDEX)),
  refused("bytes in no frame", "do not fill", () =>
    sealPack([...FRAMES, plain(Buffer.from("hidden"))], INDEX),
  ),
  refused("frames that reach over the end", "do not fill", () =>
    withFrames(plain(hello, { storedBytes: 4_000, rawBytes: 4_000 }), plain(ROOT)),
  ),
  refused("65,537 frames", "65537, over 65536", () =>
    sealPack(FRAMES, indexOf(FRAMES, BLOBS, { frames: 65_537 })),
  ),
  refused("more frames than it lists", "", () =>
    sealPack(FRAMES, indexOf(FRAMES, BLOBS, { frames: 3 })),
  ),
  refused("a frame with unknown flags", "unknown flags", () =>
    withFrames(plain(hello, { flags: 4 }), plain(ROOT)),
  ),
  refused("a plain frame of two lengths", "lengths disagree", () =>
    withFrames(plain(hello, { rawBytes: 6 }), plain(ROOT)),
  ),
  refused("a frame of over 64 MiB", "over 67108864", () =>
    withFrames(plain(hello, { flags: 1, rawBytes: 64 * MIB + 1 }), plain(ROOT)),
  ),
  refused("a billion blobs", "over", () =>
    sealPack(FRAMES, indexOf(FRAMES, BLOBS, { blobs: 2 ** 30 })),
  ),
  refused("one blob more than it lists", "", () =>
    sealPack(FRAMES, indexOf(FRAMES, BLOBS, { blobs: 3 })),
  ),
  refused("ids out of order", "not in order", () => withBlobs(...BLOBS.toReversed())),
  refused("an id twice", "not in order", () => withBlobs(blob(hello, 0), blob(hello, 0))),
  refused("a blob in a frame that is not there", "over 2", () => withBlobs(blob(ROOT, 9))),
  refused("a blob in the frame behind the last", "does not exist", () => withBlobs(blob(ROOT, 2))),
  refused("a blob behind its frame's end", "over 5", () =>
    withBlobs(blob(hello, 0, { offset: 6, bytes: 0 })),
  ),
  refused("a blob longer than its frame", "over 5", () => withBlobs(blob(hello, 0, { bytes: 6 }))),
  refused("two blobs in a large frame", "more than one blob", () => {
    const large = plain(Buffer.alloc(MIB));
    const frames = [large, plain(ROOT)];
    return sealPack(frames, indexOf(frames, [blob(ROOT, 0, { bytes: 10 })]));
  }),
  corrupt("another content than the root's", "not what was written", () =>
    withBlobs(...sortBlobs([blob(hello, 0), blob(ROOT, 1, { offset: 1, bytes: ROOT.length - 1 })])),
  ),
  corrupt("a bomb as the root's frame", "can't be inflated", () =>
    withFrames(
      plain(hello),
      plain(deflateRawSync(Buffer.alloc(32 * MIB)), { flags: 3, rawBytes: ROOT.length }),
    ),
  ),
  corrupt("a root's frame that is not deflated", "can't be inflated", () =>
    withFrames(
      plain(hello),
      plain(Buffer.from("no DEFLATE data"), { flags: 1, rawBytes: ROOT.length }),
    ),
  ),
  corrupt("a root's frame that is too short", "not as long", () =>
    withFrames(
      plain(hello),
      plain(deflateRawSync(ROOT.subarray(1)), { flags: 1, rawBytes: ROOT.length }),
    ),
  ),
  {
    what: "a pack without the root",
    pack: () => packOf([hello]),
    code: "not_found",
    text: "was not uploaded",
  },
  {
    what: "a pack without the file",
    pack: () => packOf([ROOT]),
    code: "not_found",
    text: "was not uploaded",
  },
];
