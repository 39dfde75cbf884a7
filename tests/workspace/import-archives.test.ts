import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOSTILE_ARCHIVES } from "./hostile-archives.ts";
import { ImportHouse } from "./import-house.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const CONTROL = /[\u0000-\u0008\u000b-\u001f]/;

let house: ImportHouse;
beforeEach(async () => {
  house = await ImportHouse.build();
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
});

test("the table of hostile archives has at least 80 rows, each once", () => {
  const rows = HOSTILE_ARCHIVES.map(({ what }) => what);
  expect(new Set(rows).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(80);
});

describe("an archive is refused, and nothing is written:", () => {
  test.each(HOSTILE_ARCHIVES)("$what", async ({ archive, told }) => {
    const result = await house.import({ upload: await house.upload(archive()) });
    const said = JSON.stringify(result.content);
    expect(result.isError).toBe(true);
    expect(said).toContain(JSON.stringify(told).slice(1, -1).replaceAll('\\"', '\\"'));
    expect((result.content[0] as { text: string }).text).not.toMatch(CONTROL);
    expect(house.commits).toEqual([]);
  });
});
