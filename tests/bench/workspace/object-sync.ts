import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { countLines, NAME_END } from "./tree.ts";

/** `max_concurrent_requests` of the AWS CLI (AWS CLI S3 configuration). */
export const REQUESTS_AT_ONCE = 10;

export interface ObjectPlace {
  readonly endpoint: string;
  readonly bucket: string;
  /** Ends in a slash. */
  readonly prefix: string;
}

interface Listed {
  readonly key: string;
  readonly bytes: number;
  readonly modified: number;
}

/** A workspace of one S3 object per file, kept as `aws s3 sync` keeps it: by listing, sizes and times. */
export class ObjectSync {
  readonly #client: S3Client;
  readonly #place: ObjectPlace;

  constructor(place: ObjectPlace) {
    this.#place = place;
    this.#client = new S3Client({
      endpoint: place.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId: "LOCALKEY", secretAccessKey: "LOCALSECRET" },
    });
  }

  /** Uploads what is new, of another size, or younger than its object; how many files. */
  async push(folder: string): Promise<number> {
    const there = new Map((await this.#list()).map((object) => [object.key, object]));
    const changed: string[] = [];
    for (const file of await listFolder(folder)) {
      const { size, mtimeMs } = await stat(path.join(folder, file));
      const object = there.get(file);
      if (!object || object.bytes !== size || mtimeMs > object.modified) changed.push(file);
    }
    await atOnce(changed, async (file) => this.#put(file, await readFile(path.join(folder, file))));
    return changed.length;
  }

  /** What lies directly in the root: one page. */
  async listDirectory(): Promise<number> {
    const { bucket: Bucket, prefix: Prefix } = this.#place;
    const command = new ListObjectsV2Command({ Bucket, Prefix, Delimiter: "/" });
    const { Contents = [], CommonPrefixes = [] } = await this.#client.send(command);
    return Contents.length + CommonPrefixes.length;
  }

  async tree(): Promise<number> {
    return (await this.#list()).length;
  }

  async glob(): Promise<number> {
    return (await this.#list()).filter(({ key }) => key.endsWith(NAME_END)).length;
  }

  async read(file: string): Promise<Buffer> {
    const command = new GetObjectCommand({ Bucket: this.#place.bucket, Key: this.#key(file) });
    const { Body } = await this.#client.send(command);
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }

  /** Lines found. */
  async search(): Promise<number> {
    let lines = 0;
    await atOnce(await this.#list(), async ({ key }) => {
      const content = await this.read(key);
      lines += countLines(content);
    });
    return lines;
  }

  async edit(file: string, from: string, to: string): Promise<void> {
    const text = (await this.read(file)).toString();
    if (!text.includes(from)) throw new Error(`${file} does not hold the text.`);
    await this.#put(file, Buffer.from(text.replace(from, () => to)));
  }

  /** Into an empty folder; how many files. */
  async download(folder: string): Promise<number> {
    const objects = await this.#list();
    await atOnce(objects, async ({ key }) => {
      const file = path.join(folder, key);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, await this.read(key));
    });
    return objects.length;
  }

  #key(file: string): string {
    return `${this.#place.prefix}${file}`;
  }

  async #put(file: string, body: Buffer): Promise<void> {
    const { bucket: Bucket } = this.#place;
    await this.#client.send(new PutObjectCommand({ Bucket, Key: this.#key(file), Body: body }));
  }

  /** All pages, one after the other: each names the next. Keys without the prefix. */
  async #list(): Promise<readonly Listed[]> {
    const { bucket: Bucket, prefix: Prefix } = this.#place;
    const listed: Listed[] = [];
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken: token });
      const page = await this.#client.send(command);
      for (const { Key = "", Size = 0, LastModified } of page.Contents ?? [])
        listed.push({
          key: Key.slice(Prefix.length),
          bytes: Size,
          modified: LastModified?.getTime() ?? 0,
        });
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return listed;
  }
}

async function listFolder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
}

/** Whoever is through with one takes the next. */
async function atOnce<Item>(items: readonly Item[], act: (item: Item) => Promise<void>) {
  const left = items.values();
  const lane = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, lane));
}
