import { RefusedError } from "../lib/error.ts";
import { addFile } from "./add-file.ts";
import type { Codec } from "./codec.ts";
import { PackSeries } from "./pack-series.ts";
import type { WrittenPack } from "./pack-writer.ts";
import type { PushTransport } from "./push-client.ts";
import type { PendingUpload, UploadJournal } from "./upload-journal.ts";

export interface UploadOrder {
  readonly project: string;
  readonly transport: PushTransport;
  readonly codec: Codec;
  /** Which blobs the project lacks: chunks of files that it lacks. */
  readonly lacks: (blobs: readonly string[]) => Promise<readonly string[]>;
  readonly journal?: UploadJournal;
  readonly onUpload?: (uploaded: Uploaded) => void;
}

export interface Uploaded {
  readonly blobs: number;
  readonly packs: number;
  readonly bytes: number;
}

/**
 * Packs what is added, less what an earlier push has uploaded, and uploads full packs while more is added. Whoever opens
 * one calls `settle` at last, so that nothing goes on behind its back.
 */
export class UploadSeries {
  readonly #order: UploadOrder;
  readonly #pending: readonly PendingUpload[];
  /** Need not be sent any more: what was added, chunks that are stored, what lies in earlier uploads. */
  readonly #sent: Set<string>;
  readonly #packs: PackSeries;
  readonly #uploads: string[] = [];
  readonly #uploaded = { blobs: 0, packs: 0, bytes: 0 };

  private constructor(order: UploadOrder, pending: readonly PendingUpload[]) {
    this.#order = order;
    this.#pending = pending;
    this.#sent = new Set(pending.flatMap(({ blobs }) => blobs));
    this.#packs = new PackSeries(order.codec, (pack) => this.#store(pack));
  }

  static async open(order: UploadOrder): Promise<UploadSeries> {
    return new UploadSeries(order, (await order.journal?.list()) ?? []);
  }

  /** `blob` must be the content's id. */
  async add(blob: string, content: Uint8Array, kind: "file" | "tree"): Promise<void> {
    if (this.has(blob)) return;
    this.#sent.add(blob);
    if (kind === "tree") return this.#packs.add(blob, content, kind);
    const { codec } = this.#order;
    const stored = (chunks: readonly string[]) => this.#storedOf(chunks);
    await addFile(this.#packs, { blob, content }, { codec, stored });
  }

  has(blob: string): boolean {
    return this.#sent.has(blob);
  }

  /** The uploads that a commit of these needs; of files in chunks, these may lie in any earlier one. */
  async end(
    wanted: ReadonlySet<string>,
    anyChunked: boolean,
  ): Promise<{ readonly uploads: string[]; readonly uploaded: Uploaded }> {
    await this.#packs.end();
    const pending = this.#pending
      .filter(({ blobs }) => anyChunked || blobs.some((blob) => wanted.has(blob)))
      .map(({ upload }) => upload);
    return { uploads: [...pending, ...this.#uploads], uploaded: this.#uploaded };
  }

  /** Waits for what is under way, however it ends. */
  settle(): Promise<void> {
    return this.#packs.settle();
  }

  async #storedOf(chunks: readonly string[]): Promise<ReadonlySet<string>> {
    const lacked = new Set(await this.#order.lacks(chunks.filter((blob) => !this.has(blob))));
    const known = new Set(chunks.filter((blob) => !lacked.has(blob)));
    for (const blob of chunks) this.#sent.add(blob);
    return known;
  }

  async #store({ body, blobs }: WrittenPack): Promise<void> {
    const { journal, onUpload } = this.#order;
    const upload = await uploadPack(body, this.#order);
    await journal?.add({ upload, blobs });
    this.#uploads.push(upload);
    this.#uploaded.packs++;
    this.#uploaded.blobs += blobs.length;
    this.#uploaded.bytes += body.length;
    onUpload?.(this.#uploaded);
  }
}

async function uploadPack(body: Uint8Array, { project, transport }: UploadOrder): Promise<string> {
  const { uploads } = await transport.upload({ project, packs: [body.length] });
  const [target] = uploads;
  if (!target) throw new RefusedError("unavailable", "The server gave no place for a pack.");
  await transport.put(target.url, body);
  return target.upload;
}
