import { describe, expect, test } from "vitest";
import { newId } from "../../lib/id.ts";
import type { PackInventory } from "../../workspace/collect/pack-inventory.ts";
import type { PackStore } from "../../workspace/pack-store.ts";
import { allPages } from "../all-pages.ts";

export interface PackStoreUnderTest {
  readonly store: PackStore;
  /** Of the same packs. */
  readonly inventory: PackInventory;
  /** By the store's clock, which may count whole seconds. */
  readonly now: () => number;
  /** PUTs a body to a signed URL as a client without credentials does; whether it was taken. */
  upload(url: string, body: Uint8Array): Promise<boolean>;
  /** GETs a range of what a signed URL names, as a client without credentials does; undefined when it is refused. */
  download(url: string, start: number, length: number): Promise<Uint8Array | undefined>;
}

/** What every PackStore keeps. Tenants and projects are new in each test, so one store serves all. */
export function packStoreContract(name: string, make: () => Promise<PackStoreUnderTest>): void {
  describe(`${name} keeps the contract of PackStore`, () => {
    describePacks(make);
    describeReadUrls(make);
    describeUploads(make);
    describeAdoption(make);
    describeInventory(make);
  });
}

const newTenant = () => `u-${crypto.randomUUID()}`;
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array) => new TextDecoder().decode(body);

function describePacks(make: () => Promise<PackStoreUnderTest>): void {
  test("a pack is read back in ranges", async () => {
    const { store } = await make();
    const [tenant, pack] = [newTenant(), newId("pack")];
    await store.put(tenant, "app", pack, bytes("0123456789"));
    expect(text(await store.read(tenant, "app", pack, 0, 10))).toBe("0123456789");
    expect(text(await store.read(tenant, "app", pack, 3, 4))).toBe("3456");
    expect(text(await store.read(tenant, "app", pack, 9, 1))).toBe("9");
  });

  test("putting a pack again leaves the first as it is", async () => {
    const { store } = await make();
    const [tenant, pack] = [newTenant(), newId("pack")];
    await store.put(tenant, "app", pack, bytes("first"));
    await store.put(tenant, "app", pack, bytes("other"));
    expect(text(await store.read(tenant, "app", pack, 0, 5))).toBe("first");
  });

  test("a pack of another tenant or project is not found", async () => {
    const { store } = await make();
    const [tenant, pack] = [newTenant(), newId("pack")];
    await store.put(tenant, "app", pack, bytes("mine"));
    const foreign = store.read(newTenant(), "app", pack, 0, 4);
    await expect(foreign).rejects.toMatchObject({ name: "RefusedError", code: "not_found" });
    const misplaced = store.read(tenant, "other", pack, 0, 4);
    await expect(misplaced).rejects.toMatchObject({ name: "RefusedError", code: "not_found" });
  });
}

function describeReadUrls(make: () => Promise<PackStoreUnderTest>): void {
  test("a signed URL serves ranges of its pack and takes nothing", async () => {
    const { store, upload, download } = await make();
    const [tenant, pack] = [newTenant(), newId("pack")];
    await store.put(tenant, "app", pack, bytes("0123456789"));
    const url = await store.presignRead(tenant, "app", pack, 60);
    expect(text((await download(url, 0, 10)) ?? bytes("-"))).toBe("0123456789");
    expect(text((await download(url, 3, 4)) ?? bytes("-"))).toBe("3456");
    expect(await upload(url, bytes("0123456789"))).toBe(false);
    expect(text(await store.read(tenant, "app", pack, 0, 10))).toBe("0123456789");
  });

  test("a signed URL of a pack that is not there serves nothing", async () => {
    const { store, download } = await make();
    const url = await store.presignRead(newTenant(), "app", newId("pack"), 60);
    expect(await download(url, 0, 1)).toBeUndefined();
  });

  test("a URL signed for an upload does not serve it", async () => {
    const { store, upload, download } = await make();
    const url = await store.presignUpload(newTenant(), newId("upload"), 3, 60);
    expect(await upload(url, bytes("abc"))).toBe(true);
    expect(await download(url, 0, 3)).toBeUndefined();
  });
}

function describeUploads(make: () => Promise<PackStoreUnderTest>): void {
  test("a signed URL takes a body of exactly the size it was signed for", async () => {
    const { store, upload } = await make();
    const [tenant, id] = [newTenant(), newId("upload")];
    const url = await store.presignUpload(tenant, id, 6, 60);
    expect(await upload(url, bytes("too long"))).toBe(false);
    expect(await upload(url, bytes("short"))).toBe(false);
    expect(await store.readUploadTail(tenant, id, 10)).toBeUndefined();
    expect(await upload(url, bytes("abcdef"))).toBe(true);
    const tail = await store.readUploadTail(tenant, id, 2);
    expect(tail?.size).toBe(6);
    expect(text(tail?.tail ?? new Uint8Array())).toBe("ef");
    expect(text(await store.readUpload(tenant, id, 1, 3))).toBe("bcd");
  });

  test("an upload says when it came", async () => {
    const { store, upload, now } = await make();
    const [tenant, id, before] = [newTenant(), newId("upload"), now()];
    await upload(await store.presignUpload(tenant, id, 3, 60), bytes("abc"));
    const { storedAt = 0 } = (await store.readUploadTail(tenant, id, 1)) ?? {};
    expect(storedAt).toBeGreaterThan(before - 1_001);
    expect(storedAt).toBeLessThanOrEqual(now());
  });

  test("a tail longer than the upload is the whole upload", async () => {
    const { store, upload } = await make();
    const [tenant, id] = [newTenant(), newId("upload")];
    await upload(await store.presignUpload(tenant, id, 3, 60), bytes("abc"));
    const tail = await store.readUploadTail(tenant, id, 1_000);
    expect({ size: tail?.size, text: text(tail?.tail ?? bytes("")) }).toEqual({
      size: 3,
      text: "abc",
    });
  });

  test("an upload that never came is told apart from a failure", async () => {
    const { store } = await make();
    const [tenant, id] = [newTenant(), newId("upload")];
    expect(await store.readUploadTail(tenant, id, 10)).toBeUndefined();
    const read = store.readUpload(tenant, id, 0, 1);
    await expect(read).rejects.toMatchObject({ name: "RefusedError", code: "not_found" });
  });

  test("a tenant does not see another's uploads", async () => {
    const { store, upload } = await make();
    const [tenant, id] = [newTenant(), newId("upload")];
    await upload(await store.presignUpload(tenant, id, 3, 60), bytes("abc"));
    expect(await store.readUploadTail(newTenant(), id, 3)).toBeUndefined();
  });
}

function describeAdoption(make: () => Promise<PackStoreUnderTest>): void {
  test("an adopted upload is a pack, and adopting it may be repeated", async () => {
    const { store, upload } = await make();
    const [tenant, id, pack] = [newTenant(), newId("upload"), newId("pack")];
    await upload(await store.presignUpload(tenant, id, 5, 60), bytes("stays"));
    await store.adopt(tenant, "app", id, pack);
    await store.adopt(tenant, "app", id, pack);
    expect(text(await store.read(tenant, "app", pack, 0, 5))).toBe("stays");
  });

  test("an upload of another tenant can't be adopted", async () => {
    const { store, upload } = await make();
    const [tenant, id] = [newTenant(), newId("upload")];
    await upload(await store.presignUpload(tenant, id, 5, 60), bytes("stays"));
    const theft = store.adopt(newTenant(), "app", id, newId("pack"));
    await expect(theft).rejects.toMatchObject({ name: "RefusedError", code: "not_found" });
  });
}

function describeInventory(make: () => Promise<PackStoreUnderTest>): void {
  const listed = async (inventory: PackInventory, tenant: string, project = "app") => {
    const packs = await allPages(inventory.list(tenant, project));
    return packs.sort((a, b) => (a.id < b.id ? -1 : 1));
  };

  test("a project's packs are listed with their sizes and times, no upload and no other project's", async () => {
    const { store, inventory, upload, now } = await make();
    const [tenant, id, before] = [newTenant(), newId("upload"), now()];
    const packs = [newId("pack"), newId("pack")].sort();
    await store.put(tenant, "app", packs[0] ?? "", bytes("four"));
    await upload(await store.presignUpload(tenant, id, 5, 60), bytes("stays"));
    await store.adopt(tenant, "app", id, packs[1] ?? "");
    await store.put(tenant, "app.web", newId("pack"), bytes("other"));
    await store.put(newTenant(), "app", newId("pack"), bytes("other"));
    const found = await listed(inventory, tenant);
    expect(found.map((pack) => [pack.id, pack.bytes])).toEqual([
      [packs[0], 4],
      [packs[1], 5],
    ]);
    for (const { storedAt } of found) {
      expect(storedAt).toBeGreaterThan(before - 1_001);
      expect(storedAt).toBeLessThanOrEqual(now());
    }
    expect(await listed(inventory, tenant, "none")).toEqual([]);
  });

  test("removed packs are gone, whether they were there or not, and no others", async () => {
    const { store, inventory } = await make();
    const [tenant, kept, gone] = [newTenant(), newId("pack"), newId("pack")];
    await store.put(tenant, "app", kept, bytes("kept"));
    await store.put(tenant, "app", gone, bytes("gone"));
    await store.put(tenant, "web", gone, bytes("other"));
    await inventory.remove(tenant, "app", [gone, newId("pack")]);
    await inventory.remove(tenant, "app", [gone]);
    expect((await listed(inventory, tenant)).map(({ id }) => id)).toEqual([kept]);
    expect((await listed(inventory, tenant, "web")).map(({ id }) => id)).toEqual([gone]);
    await expect(store.read(tenant, "app", gone, 0, 4)).rejects.toMatchObject({
      code: "not_found",
    });
  });
}
