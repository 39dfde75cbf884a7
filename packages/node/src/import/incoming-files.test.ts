import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { RefusedError } from "@zenode/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { detectFormat } from "./detect-format.ts";
import { IncomingFiles, type IncomingLimits } from "./incoming-files.ts";
import { gunzip } from "./inflate.ts";
import { readTar } from "./read-tar.ts";
import { readZip } from "./read-zip.ts";
import { Spool } from "./spool.ts";

const LIMITS: IncomingLimits = { files: 5, entries: 10, fileBytes: 2 ** 20, bytes: 3 * 2 ** 20 };

let folder: string;
let spool: Spool;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "zenode-incoming-"));
  spool = await Spool.create(path.join(folder, "contents"));
});
afterEach(async () => {
  await spool.close();
  await rm(folder, { recursive: true });
});

const incoming = (given: Partial<IncomingLimits> = {}) => {
  const limits = { ...LIMITS, ...given };
  return new IncomingFiles({ spool, folder: "", limits, badPaths: "refuse" });
};

async function* chunks(...all: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of all) yield Buffer.from(chunk);
}

describe("contents in one file", () => {
  test("are read as they were added, whatever their size and order", async () => {
    const sizes = [0, 1, 1_048_575, 1_048_576, 3_000_000, 7];
    const bodies = sizes.map((size, at) => Buffer.alloc(size, `${at}-`));
    const added = [];
    for (const body of bodies) added.push(await spool.add(chunks(body), 3_000_000));
    for (const at of [5, 0, 3, 1, 4, 2]) {
      const content = await added[at]?.read();
      expect(Buffer.compare(content ?? Buffer.from("none"), bodies[at] ?? Buffer.of())).toBe(0);
      expect(added[at]?.bytes).toBe(sizes[at]);
    }
    expect(added[0]?.blob).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  test("that are too large are none, and the next one is whole", async () => {
    expect(await spool.add(chunks("12345", "678"), 7)).toBeUndefined();
    const next = await spool.add(chunks("next"), 7);
    expect(String(Buffer.from((await next?.read()) ?? []))).toBe("next");
  });
});

describe("the limits of a project hold", () => {
  const add = async (files: IncomingFiles, name: string, bytes = 1) => {
    const place = files.place(name);
    if (place !== undefined) await files.addFile(place, chunks(Buffer.alloc(bytes)), false);
  };

  test("for the number of files", async () => {
    const files = incoming();
    for (let at = 0; at < 5; at += 1) await add(files, `f${at}`);
    await expect(add(files, "f5")).rejects.toMatchObject({
      code: "too_large",
      message: "This can't be imported: it has over 5 files. Nothing was written.",
    });
  });

  test("for entries that come to nothing, too", () => {
    const files = incoming();
    for (let at = 0; at < 10; at += 1) files.place(".git/objects");
    expect(() => files.place("./")).toThrow("over 10 entries");
  });

  test("for what is left out, and for names of a megabyte, at once", () => {
    const files = incoming({ entries: 20_000 });
    for (let at = 0; at < 10_000; at += 1) files.leaveOut(`f${at}`, "why");
    expect(() => files.leaveOut("one more", "why")).toThrow("over 10000 entries");
    for (const name of [
      `${"/".repeat(2 ** 20)}x`,
      `.git${" ".repeat(2 ** 20)}x`,
      "./".repeat(2 ** 19),
    ]) {
      const started = performance.now();
      expect(() => incoming().place(name)).toThrow("can't be used");
      // Minutes, if it went wrong.
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });

  test("for all contents together, those of hard links included", async () => {
    const files = incoming();
    for (const name of ["a", "b"]) await add(files, name, 2 ** 20);
    files.addCopy("c", "a");
    expect(() => files.addCopy("d", "a")).toThrow("over 3 MiB");
  });

  test("for one file, which alone stays out, with what is linked to it", async () => {
    const files = incoming();
    await add(files, "large", 2 ** 20 + 1);
    await add(files, "small");
    files.addCopy("same", "large");
    const { files: taken, leftOut } = files.done();
    expect(taken.map((file) => file.path)).toEqual(["small"]);
    expect(leftOut).toEqual([
      { path: "large", why: "it has over 1 MiB" },
      { path: "same", why: "it is a hard link to large, which stays out" },
    ]);
  });

  test("for what gzip makes of little", async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
    const inflated = gunzip(chunks(bomb), 2 ** 20);
    await expect(readTar(inflated, incoming())).rejects.toMatchObject({
      code: "too_large",
      message:
        "This can't be imported: it has over 1 MiB when it is unpacked. Nothing was written.",
    });
  });
});

describe("whatever bytes come, they are taken or refused, and never a fault:", () => {
  const refusedOrTaken = async (read: () => Promise<unknown>) => {
    try {
      await read();
    } catch (cause) {
      if (!(cause instanceof RefusedError)) throw cause;
    }
  };
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc
      .tuple(
        fc.string({ maxLength: 99 }),
        fc.string({ maxLength: 99 }),
        fc.constantFrom(..."012345678xgLKSZ"),
      )
      .map(([name, target, type]) => tarHeader(name, target, type)),
  );

  test("tar", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bodies, { maxLength: 4 }), (all) =>
        refusedOrTaken(() => readTar(chunks(...all), incoming({ files: 100, entries: 100 }))),
      ),
      { numRuns: 300 },
    );
  });

  test("zip, and what an upload may begin with", async () => {
    let at = 0;
    const begin = fc.constantFrom(
      "PK\u0003\u0004",
      "PK\u0005\u0006",
      "",
      "\u001f\u008b",
      "# v2 git bundle\n",
    );
    await fc.assert(
      fc.asyncProperty(begin, fc.uint8Array({ maxLength: 500 }), async (start, rest) => {
        const file = path.join(folder, String(at++));
        const end = Buffer.concat([Buffer.from("PK\u0005\u0006"), Buffer.alloc(18)]);
        await writeFile(file, Buffer.concat([Buffer.from(start, "latin1"), rest, end]));
        await refusedOrTaken(() => detectFormat(file));
        await refusedOrTaken(() => readZip(file, incoming(), LIMITS));
      }),
      { numRuns: 200 },
    );
  });
});

/** A header whose sum is right, of whatever name and kind. */
function tarHeader(name: string, target: string, type: string): Uint8Array {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write("00000000020\0", 124);
  block.write(`        ${type}`, 148);
  block.write(target, 157, 100);
  block.write("ustar\u000000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
