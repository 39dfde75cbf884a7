import { expect, test } from "vitest";
import { findCitations, readCitations } from "./citations.ts";
import { DEBTS } from "./debts.ts";
import { DUTIES } from "./duties.ts";

const citations = findCitations();
const cited = new Set(citations.map(({ id }) => id));
const known = new Map(DUTIES.map((duty) => [duty.id, duty]));

test("no two duties have one id, and every one names its source", () => {
  expect(known.size).toBe(DUTIES.length);
  const nowhere = DUTIES.filter(({ source }) => !/^(https:\/\/|docs\/design\/)/.test(source));
  expect(nowhere).toEqual([]);
});

test("every MUST is shown by a test, but for the debts", () => {
  const open = DUTIES.filter(({ level, later }) => level === "MUST" && later === undefined);
  const unshown = open.filter(({ id }) => !cited.has(id) && !Object.hasOwn(DEBTS, id));
  expect(unshown.map(({ id, text, source }) => `${id}: ${text} (${source})`)).toEqual([]);
});

test("tests cite duties that exist", () => {
  expect(citations.filter(({ id }) => !known.has(id))).toEqual([]);
});

test("debts are MUSTs that no test shows", () => {
  const stale = Object.keys(DEBTS).filter((id) => cited.has(id) || known.get(id)?.level !== "MUST");
  expect(stale).toEqual([]);
});

test("what was put off is put off no longer once a test shows it", () => {
  expect(DUTIES.filter(({ id, later }) => later !== undefined && cited.has(id))).toEqual([]);
});

test("the reader of citations sees names and nothing else", () => {
  const text = `
    // test("[task-comment]", () => {});
    const note = "[task-text]";
    describe("suite [task-suite]", () => {
      test("one [task-one] [task-two]", () => expect("[task-inside]").toBe(note));
      test.each([["row [task-row]", () => "[task-function]"]])("%s [task-each]", () => {});
    });
    const table = { "key [task-key]": 1 };
  `;
  expect(readCitations("a.test.ts", text).map(({ id }) => id)).toEqual([
    "task-suite",
    "task-one",
    "task-two",
    "task-row",
    "task-each",
    "task-key",
  ]);
});
