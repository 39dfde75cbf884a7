import { MIB } from "../lib/bytes.ts";

/** Limits in bytes of UTF-8; that of text in one answer stands in cut-text.ts. */

/** Of images and sounds in one answer, as base64: what they cost a model does not follow from their bytes. */
export const INLINE_MEDIA_BYTES = MIB;
/** Of what one resources/read gives, and of one stored part. */
export const PART_BYTES = 4 * MIB;
/** Of a whole result; more is refused. */
export const RESULT_BYTES = 64 * MIB;
/** Stored parts of one result: each has a link in the answer. */
export const MAX_PARTS = 100;
