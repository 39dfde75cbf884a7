/** yauzl ships no types; this is the part that is used (yauzl 3, README). */
declare module "yauzl" {
  import type { Readable } from "node:stream";

  export interface ZipEntry {
    readonly fileName: string;
    /** As it stands there. */
    readonly fileNameRaw: Buffer;
    readonly versionMadeBy: number;
    readonly externalFileAttributes: number;
    readonly compressionMethod: number;
    readonly crc32: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly relativeOffsetOfLocalHeader: number;
    isEncrypted(): boolean;
  }

  export interface ZipFile {
    readonly entryCount: number;
    eachEntry(): AsyncIterable<ZipEntry>;
    openReadStreamPromise(entry: ZipEntry): Promise<Readable>;
    readLocalFileHeaderPromise(entry: ZipEntry): Promise<ZipLocalHeader>;
    close(): void;
  }

  export interface ZipLocalHeader {
    readonly fileName: Buffer;
    readonly fileDataStart: number;
  }

  export function openPromise(
    path: string,
    options: {
      readonly autoClose: boolean;
      readonly strictFileNames: boolean;
      readonly validateEntrySizes: boolean;
    },
  ): Promise<ZipFile>;
}
