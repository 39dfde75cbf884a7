import { createHash } from "node:crypto";
import { push } from "@zenode/core";
import { nodeCodec } from "@zenode/node";

/** A line of a directory as somebody else's program may write it; nothing is checked. */
export type HandMadeEntry =
  | { readonly name: string; readonly blob: string; readonly bytes: number }
  | { readonly name: string; readonly target: string };

export interface HandMade {
  /** Id of the directory. */
  readonly root: string;
  /** Holds the directory and a file `hello`. */
  readonly pack: Uint8Array;
}

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A pack whose directory nobody has checked: to the packer it was one file among others. */
export async function handMade(entries: readonly HandMadeEntry[]): Promise<HandMade> {
  const directory = encode(entries);
  const contents = [directory, Buffer.from("hello")];
  let pack: Uint8Array = new Uint8Array();
  await push({
    project: "p",
    message: "",
    codec: nodeCodec,
    source: {
      list: async () =>
        contents.map((content, at) => ({
          kind: "file",
          path: String(at),
          bytes: content.length,
          executable: false,
          read: async () => content,
        })),
    },
    transport: {
      begin: async ({ blobs }) => ({ base: 0, missing: blobs }),
      upload: async ({ packs }) => ({
        uploads: packs.map((bytes) => ({ upload: "", url: "", bytes })),
      }),
      put: async (_, body) => {
        pack = body;
      },
      commit: async () => ({ kind: "committed", snapshot: 0, files: 0, bytes: 0 }),
    },
  });
  return { root: sha256(directory), pack };
}

/** "ZT", version 1; then per entry: kind, name, and target (2: a link) or size and id (0: a file). */
function encode(entries: readonly HandMadeEntry[]): Buffer {
  const lines = entries.map((entry) =>
    "target" in entry
      ? Buffer.concat([Buffer.of(2), text(entry.name), text(entry.target)])
      : Buffer.concat([
          Buffer.of(0),
          text(entry.name),
          varint(entry.bytes),
          Buffer.from(entry.blob, "hex"),
        ]),
  );
  return Buffer.concat([Buffer.from("ZT\x01"), ...lines]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.length), bytes]);
}

/** LEB128: seven bits a byte, the lowest first. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
