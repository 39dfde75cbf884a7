import { describe, expect, test } from "vitest";
import { newId } from "../../lib/id.ts";
import type { TransferName, TransferStore } from "../../transfer/transfer-store.ts";

export interface TransferStoreUnderTest {
  readonly store: TransferStore;
  /** PUTs a body to a signed URL as a client without credentials does; whether it was taken. */
  upload(url: string, body: Uint8Array): Promise<boolean>;
  /** GETs a signed URL as a client without credentials does; undefined when it is refused. */
  download(url: string): Promise<Uint8Array | undefined>;
}

const owner = "0123456789abcdef0123456789abcdef";
const newName = (kind: "upload" | "export", given: Partial<TransferName> = {}): TransferName => ({
  tenant: `u-${crypto.randomUUID()}`,
  owner,
  id: newId(kind),
  ...given,
});
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => body && new TextDecoder().decode(body);

async function* chunksOf(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** What every TransferStore keeps. Tenants are new in each test, so one store serves all. */
export function transferStoreContract(
  name: string,
  make: () => Promise<TransferStoreUnderTest>,
): void {
  describe(`${name} keeps the contract of TransferStore`, () => {
    describeUploads(make);
    describeWrites(make);
  });
}

function describeUploads(make: () => Promise<TransferStoreUnderTest>): void {
  test("a signed URL takes a body of exactly the size it was signed for, and serves nothing", async () => {
    const { store, upload, download } = await make();
    const name = newName("upload");
    const url = await store.presignUpload(name, 6, 60);
    expect(await upload(url, bytes("too long"))).toBe(false);
    expect(await upload(url, bytes("short"))).toBe(false);
    expect(await store.size(name)).toBeUndefined();
    expect(await upload(url, bytes("abcdef"))).toBe(true);
    expect(await store.size(name)).toBe(6);
    expect(text(await store.read(name, 1, 3))).toBe("bcd");
    expect(await download(url)).toBeUndefined();
  });

  test("an upload is there under its own tenant, owner and id only", async () => {
    const { store, upload } = await make();
    const name = newName("upload");
    await upload(await store.presignUpload(name, 3, 60), bytes("abc"));
    const others = [
      { ...name, tenant: "u-another" },
      { ...name, owner: "f".repeat(32) },
      { ...name, id: newId("upload") },
    ];
    for (const other of others) {
      expect(await store.size(other)).toBeUndefined();
      const read = store.read(other, 0, 3);
      await expect(read).rejects.toMatchObject({ name: "RefusedError", code: "not_found" });
    }
  });
}

function describeWrites(make: () => Promise<TransferStoreUnderTest>): void {
  test.each([
    ["nothing", 0],
    ["a little", 3],
    ["exactly a part of many", 8 * 1024 * 1024],
    ["several parts", 20_000_001],
  ])("%s that was written is served as it was", async (_, length) => {
    const { store, download } = await make();
    const name = newName("export");
    const body = new Uint8Array(length).map((_byte, at) => at % 251);
    const half = Math.floor(length / 3);
    const written = store.write(name, chunksOf(body.slice(0, half), body.slice(half)), length);
    expect(await written).toBe(length);
    const served = await download(await store.presignDownload(name, "app.tar.gz", 60));
    expect(Buffer.compare(served ?? bytes("none"), body)).toBe(0);
  });

  test("what is too large, or breaks off, is not there at all", async () => {
    const { store } = await make();
    const name = newName("export");
    const large = store.write(name, chunksOf(new Uint8Array(10_000_000)), 9_999_999);
    await expect(large).rejects.toMatchObject({ name: "RefusedError", code: "too_large" });
    expect(await store.size(name)).toBeUndefined();
    async function* broken() {
      yield new Uint8Array(10_000_000);
      throw new Error("It broke off.");
    }
    await expect(store.write(name, broken(), 20_000_000)).rejects.toThrow("broke off");
    expect(await store.size(name)).toBeUndefined();
  });
}
