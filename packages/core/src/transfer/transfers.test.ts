import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { Principal } from "../access/principal.ts";
import { codecZlib } from "../testing/codec-zlib.ts";
import { MemoryTransferStore } from "../testing/transfer-store-memory.ts";
import { MemoryWorkspace, makePrincipal } from "../testing/workspace-memory.ts";
import { StoredTransfers } from "./transfers.ts";

let now = 1_790_000_000_000;
const clock = { now: () => now, sleep: async () => undefined };
const store = new MemoryTransferStore(clock);
const house = new MemoryWorkspace();
const transfersOf = (who: Partial<Principal> = {}) =>
  new StoredTransfers({
    ...{ principal: makePrincipal(who), store, codec: codecZlib, clock },
    writing: async () => house,
  });

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function arrived(body: Uint8Array, who: Partial<Principal> = {}): Promise<string> {
  const { url, upload } = await transfersOf(who).offerUpload(body.length);
  expect(await store.upload(url, body)).toBe(true);
  return upload;
}

test("an upload is read as it was sent, in many pieces", async () => {
  const body = Buffer.alloc(20_000_000, "0123456789");
  const { bytes, content } = await transfersOf().openUpload(await arrived(body));
  expect(bytes).toBe(20_000_000);
  expect((await readAll(content)).equals(body)).toBe(true);
});

test("a handle is of use to its own user only: to others it is one that does not exist", async () => {
  const upload = await arrived(Buffer.from("mine"));
  const missing = await transfersOf()
    .openUpload(`upload_${"0".repeat(32)}`)
    .catch((cause: unknown) => cause);
  expect(missing).toMatchObject({ name: "RefusedError", code: "not_found" });
  const others = [
    { subject: "bob" },
    { tenant: "t-other" },
    { issuer: "https://another.example" },
    { tenant: "t-other", subject: "bob" },
  ];
  for (const who of others) {
    expect(
      await transfersOf(who)
        .openUpload(upload)
        .catch((cause: unknown) => cause),
    ).toEqual(missing);
  }
  expect((await transfersOf().openUpload(upload)).bytes).toBe(4);
});

test.each(["", "upload_", "../x", "export_0123456789abcdef0123456789abcdef", "upload_../../a"])(
  "%j is no handle",
  async (upload) => {
    const opened = transfersOf().openUpload(upload);
    await expect(opened).rejects.toMatchObject({ name: "RefusedError", code: "not_found" });
  },
);

test.each([
  [0, "invalid_input"],
  [-1, "invalid_input"],
  [1.5, "invalid_input"],
  [3_221_225_473, "too_large"],
])("an upload of %d bytes is not offered", async (bytes, code) => {
  await expect(transfersOf().offerUpload(bytes)).rejects.toMatchObject({ code });
});

test("an offer ends after an hour", async () => {
  const { url, expiresAt } = await transfersOf().offerUpload(1);
  expect(expiresAt).toBe(now + 3_600_000);
  now += 3_600_000;
  expect(await store.upload(url, Buffer.from("a"))).toBe(false);
});

test("who may only read uploads nothing, and may take an export", async () => {
  const reader = transfersOf({ scopes: new Set(["read"]) });
  const forbidden = { name: "RefusedError", code: "forbidden" };
  await expect(reader.offerUpload(1)).rejects.toMatchObject(forbidden);
  const upload = await arrived(Buffer.from("a"));
  await expect(reader.openUpload(upload)).rejects.toMatchObject(forbidden);
  async function* content() {
    yield Buffer.from("abc");
  }
  const { url, bytes } = await reader.publish({
    name: "app.zip",
    content: content(),
    expectedBytes: 9,
  });
  expect([bytes, String(await store.download(url))]).toEqual([3, "97,98,99"]);
  const nobody = transfersOf({ scopes: new Set() });
  await expect(
    nobody.publish({ name: "app.zip", content: content(), expectedBytes: 9 }),
  ).rejects.toMatchObject(forbidden);
});

test("an upload for which there is no room is refused before a byte is sent, and one beyond the day's, too", async () => {
  const full = new MemoryWorkspace();
  const { tenant } = makePrincipal();
  const transfers = new StoredTransfers({
    ...{ principal: makePrincipal(), store, codec: codecZlib, clock },
    writing: async () => full,
  });
  const offer = (bytes: number) => transfers.offerUpload(bytes);
  const exported = (expectedBytes: number) =>
    transfers.publish({ name: "app.zip", content: Readable.from([]), expectedBytes });
  const half = full.limits.storedBytes / 2 + 1;
  await offer(half);
  await expect(exported(half)).rejects.toMatchObject({ code: "too_large" });
  await expect(offer(half)).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringMatching(
      /^Uploads and exports of one day may have .* Try again tomorrow/,
    ),
  });
  await full.usage.add(tenant, "app", half, now);
  await expect(offer(half)).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringMatching(/^The storage is full: /),
  });
});
