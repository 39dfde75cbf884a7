import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { checkoutSnapshot } from "@zenode/node";
import { beforeEach, describe, expect, test } from "vitest";
import { linkOf, packOf, sha256, treeOf } from "./hand-made.ts";
import { answerOf, DOORS, House } from "./hostile-doors.ts";
import { HOSTILE_LINKS } from "./hostile-links.ts";
import { HOSTILE_PACKS, ROOT } from "./hostile-packs.ts";
import { HOSTILE_PATHS, HOSTILE_PROJECTS, HOSTILE_SEARCHES, TWINS } from "./hostile-paths.ts";
import { HOSTILE_TREES } from "./hostile-trees.ts";

let house: House;
beforeEach(async () => {
  house = await House.build();
});

const text = new TextEncoder().encode("x");
const write = (at: string) =>
  ({ kind: "file", path: at, content: text, executable: false }) as const;

/** Every file and link of the newest snapshot. */
async function paths(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const entry of (await house.snapshot()).walk()) found.push(entry.path);
  return found;
}

/** Uploads a pack and commits a root, as a client does that checks nothing. */
async function commit(pack: Uint8Array, root: string) {
  const transport = house.transport();
  const { uploads } = await transport.upload({ project: "app", packs: [pack.length] });
  const [place] = uploads;
  await transport.put(place?.url ?? "", pack);
  const sent = [place?.upload ?? ""];
  return transport.commit({ project: "app", base: 1, root, uploads: sent, message: "" });
}

test("the table has at least 150 rows, each once", () => {
  const rows = [
    ...HOSTILE_PATHS.map(({ path: at }) => `path ${at}`),
    ...TWINS.map(([what]) => `twins ${what}`),
    ...HOSTILE_PROJECTS.map((name) => `project ${name}`),
    ...HOSTILE_SEARCHES.map(({ what }) => `search ${what}`),
    ...HOSTILE_LINKS.map(({ target, path: at }) => `link ${at} ${target}`),
    ...HOSTILE_TREES.map(({ what }) => `tree ${what}`),
    ...HOSTILE_PACKS.map(({ what }) => `pack ${what}`),
  ];
  expect(new Set(rows).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(250);
});

describe("a path is refused at every door, and nothing is written:", () => {
  const rows = HOSTILE_PATHS.filter(({ refused }) => refused !== undefined);
  test.each(rows)("$what ($path)", async ({ path: at, refused = "" }) => {
    for (const door of DOORS) {
      const answer = await door.knock(house, at);
      expect(answer, door.name).toMatchObject({ code: "invalid_path" });
      // Tools refuse what is over 4,096 characters by their schema.
      expect(answer?.text.includes(refused) || answer?.text.includes("Too big"), door.name).toBe(
        true,
      );
      expect(answer?.text, door.name).not.toMatch(CONTROL);
    }
    expect(house.commits).toEqual(["app 1"]);
  });

  test.each(rows)("in a push, $what, which is left out", async ({ path: at, refused }) => {
    const outcome = await house.push("app", { a: "1", [at]: "2" });
    expect(outcome.skipped).toEqual([{ path: at, reason: expect.stringContaining(refused ?? "") }]);
    expect(await paths()).toEqual(["a"]);
  });
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const CONTROL = /[\u0000-\u0008\u000b-\u001f]/;

describe("a path is a plain name, kept byte for byte:", () => {
  const rows = HOSTILE_PATHS.filter(({ refused }) => refused === undefined);
  test.each(rows)("$what ($path)", async ({ path: at }) => {
    for (const door of DOORS.filter(({ makes }) => !makes)) {
      expect((await door.knock(house, at))?.code, door.name).not.toBe("invalid_path");
    }
    for (const door of DOORS.filter(({ makes }) => makes)) {
      house = await House.build();
      expect(await door.knock(house, at), door.name).toBeUndefined();
      expect(await paths(), door.name).toContain(at);
    }
    await house.push("app", { [at]: "2" });
    expect(await paths()).toEqual([at]);
  });

  test("and all of them lie side by side on a Linux disk, in their folder", async () => {
    await house.push("app", Object.fromEntries(rows.map(({ path: at }) => [at, at])));
    const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-hostile-"));
    try {
      await checkoutSnapshot(await house.snapshot(), path.join(folder, "out"));
      expect(await readdir(folder)).toEqual(["out"]);
      for (const { path: at } of rows) {
        expect(await readFile(path.join(folder, "out", at), "utf8")).toBe(at);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("two names that some systems take for one are two:", () => {
  test.each(TWINS)("%s", async (_, one, other) => {
    await house.push("app", { [one]: "1", [other]: "2" });
    expect(new Set(await paths())).toEqual(new Set([one, other]));
    await house.change({ kind: "absent", path: one });
    expect(await paths()).toEqual([other]);
  });
});

describe("a project is refused by its name:", () => {
  test.each(HOSTILE_PROJECTS)("%j", async (name) => {
    const refused = { code: "invalid_input", text: expect.stringContaining("no project name") };
    const projects = house.projects();
    expect(await answerOf(() => projects.open(name))).toMatchObject(refused);
    expect(await answerOf(() => projects.create(name))).toMatchObject(refused);
    expect(await answerOf(() => house.push(name, {}))).toMatchObject(refused);
    expect((await projects.list()).map((project) => project.name)).toEqual(["app"]);
  });
});

describe("a search", () => {
  test.each(HOSTILE_SEARCHES)(
    "of $what answers at once, and from the project only",
    async (row) => {
      const { glob, pattern = "a", refused } = row;
      const started = performance.now();
      const answer = await house.run("search_files", {
        pattern,
        ...(glob !== undefined && { glob }),
      });
      const said = JSON.stringify(answer.content);
      // Hours, if it went wrong.
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(answer.isError ?? false).toBe(refused !== undefined);
      if (refused !== undefined) expect(said).toContain(refused);
      expect(said).not.toMatch(/root:|\[core\]/);
    },
  );
});

describe("a link", () => {
  test.each(HOSTILE_LINKS.filter(({ refused }) => refused))("to $what is refused", async (row) => {
    const { path: at, target } = row;
    const change = await answerOf(() => house.change({ kind: "link", path: at, target }));
    expect(change).toMatchObject({
      code: "invalid_path",
      text: expect.stringContaining("lead out"),
    });
    expect(house.commits).toEqual(["app 1"]);
    const outcome = await house.push("app", { a: "1", [at]: { link: target } });
    expect(outcome.skipped).toHaveLength(1);
    expect(await paths()).toEqual(["a"]);
  });

  test.each(HOSTILE_LINKS.filter(({ refused }) => refused))(
    "to $what is refused from a client that insists",
    async ({ path: at, target }) => {
      const [name = "", ...above] = at.split("/").reverse();
      const trees = [treeOf(linkOf(name, Buffer.from(target)))];
      for (const directory of above) {
        const below = trees.at(-1) as Buffer;
        const head = Buffer.concat([Buffer.of(3, directory.length), Buffer.from(directory)]);
        const size = Buffer.from(
          below.length < 128 ? [below.length] : [(below.length % 128) | 128, below.length >> 7],
        );
        trees.push(treeOf(Buffer.concat([head, size, Buffer.from(sha256(below), "hex")])));
      }
      const sent = answerOf(() => commit(packOf(trees), sha256(trees.at(-1) as Buffer)));
      // Half a character is a replacement character in UTF-8, and so a plain name.
      if (target.isWellFormed()) expect((await sent)?.code).toMatch(/^(invalid_path|corrupt)$/);
      else expect(await sent).toBeUndefined();
    },
  );

  test.each(HOSTILE_LINKS.filter(({ refused }) => !refused))(
    "to $what is kept and not followed",
    async ({ path: at, target }) => {
      const snapshot = await house.change({ kind: "link", path: at, target });
      expect(await snapshot.entry(at)).toEqual({ kind: "link", path: at, target });
      expect(await answerOf(() => snapshot.read(at, 100))).toMatchObject({ code: "not_a_file" });
      expect(await answerOf(() => snapshot.list(at))).toMatchObject({ code: "not_a_directory" });
      const through = await answerOf(() => house.change(write(`${at}/x`)));
      expect(through).toMatchObject({ code: "not_a_directory" });
      const replaced = await house.run("write_file", { path: at, content: "x" });
      expect(replaced.isError).toBe(true);
      expect(await snapshot.entry(at)).toMatchObject({ kind: "link" });
    },
  );
});

describe("a push is refused whose directory", () => {
  test.each(HOSTILE_TREES)("holds $what", async ({ blobs, code, text: told }) => {
    const all = blobs();
    const answer = await answerOf(() => commit(packOf(all), sha256(all.at(-1) as Uint8Array)));
    expect(answer).toMatchObject({ code, text: expect.stringContaining(told) });
    expect(await paths()).toEqual(["a", "src/b"]);
  });
});

describe("an upload is refused that is", () => {
  test.each(HOSTILE_PACKS)("$what", async ({ pack, code, text: told }) => {
    const answer = await answerOf(() => commit(pack(), sha256(ROOT)));
    expect(answer).toMatchObject({ code, text: expect.stringContaining(told) });
    expect(await paths()).toEqual(["a", "src/b"]);
  });
});

test("what is written by hand as it should be is taken", async () => {
  const pack = packOf([Buffer.from("hello"), ROOT]);
  expect(await commit(pack, sha256(ROOT))).toMatchObject({ kind: "committed", files: 1, bytes: 5 });
  expect(new TextDecoder().decode(await (await house.snapshot()).read("hello", 10))).toBe("hello");
});
