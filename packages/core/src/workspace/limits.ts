import { KIB, MIB } from "../lib/bytes.ts";

/** What one snapshot may hold. Counted by path: a blob used twice counts twice. */
export const MAX_FILES = 200_000;
/** Files, links and directories together: keeps trees of empty directories bounded, too. */
export const MAX_ENTRIES = 400_000;
export const MAX_FILE_BYTES = 64 * MIB;
export const MAX_SNAPSHOT_BYTES = 2048 * MIB;
/** The snapshot's record lies in one item of at most 400 KB. */
export const MAX_SNAPSHOT_PACKS = 2_000;

/** Paths and names as UTF-8; the figures of Linux (PATH_MAX, NAME_MAX). */
export const MAX_PATH_BYTES = 4_096;
export const MAX_NAME_BYTES = 255;

/** Small blobs share frames of about this size before compression. */
export const FRAME_BYTES = 256 * KIB;
/** Files above this size are stored in chunks … */
export const CHUNKED_BYTES = 4 * MIB;
/** … of which all but the last have at least this size. */
export const MIN_CHUNK_BYTES = 256 * KIB;
/** The files in chunks that one pack lists: never more than two snapshots hold, so this is far above. */
export const MAX_CHUNKED_BYTES = 4 * MAX_SNAPSHOT_BYTES;
/** A writer closes a pack at this size. */
export const PACK_BYTES = 32 * MIB;
/** No pack is larger: one incompressible file of the largest size, other frames, and the index. */
export const MAX_PACK_BYTES = MAX_FILE_BYTES + PACK_BYTES + 32 * MIB;
/** In one pack; a full one of text has about 500. */
export const MAX_FRAMES = 65_536;
/** An index before compression. */
export const MAX_INDEX_BYTES = 32 * MIB;
export const MAX_TREE_BYTES = 32 * MIB;

/** Blob ids in one request: below the 6 MB that a Lambda takes. */
export const MAX_BLOBS_PER_REQUEST = 50_000;
export const MAX_UPLOADS_PER_PUSH = 256;
