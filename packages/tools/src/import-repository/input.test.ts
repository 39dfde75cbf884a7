import { expect, test } from "vitest";
import { input } from "./input.ts";

const isTaken = async (given: object) =>
  !(await input["~standard"].validate({ project: "app", ...given })).issues;

test.each([
  "main",
  "v1.2.3",
  "feature/a+b",
  "refs/pull/1/head",
  "0123456789abcdef0123456789abcdef01234567",
  "ä",
])("%s is taken as ref", async (ref) => {
  expect(await isTaken({ ref })).toBe(true);
});

test.each([
  ...["", "-x", "--upload-pack=touch", "+main", "^main", "a:b", "main:refs/heads/x", "a b", "a\nb"],
  ...[
    "a..b",
    "a@{1}",
    "a~1",
    "a^",
    "a*",
    "a?",
    "a[b",
    "a\\b",
    ".a",
    "a/.b",
    "a//b",
    "/a",
    "a/",
    "a.",
  ],
  ...["a.lock", "a.lock/b", "x".repeat(251)],
])("%j is no ref", async (ref) => {
  expect(await isTaken({ ref })).toBe(false);
});

test.each(["https://github.com/a/b", "https://git.example.org:8443/a.git", "http://127.0.0.1:1/a"])(
  "%s may be asked for",
  async (repository) => {
    expect(await isTaken({ repository })).toBe(true);
  },
);

test.each([
  ...["https://user:secret@github.com/a", "https://token@github.com/a", "https://:x@github.com/a"],
  ...["https://github.com/a?private_token=x", "https://github.com/a#x", "git@github.com:a/b"],
  ...["ssh://git@github.com/a", "file:///etc", "ext::sh", "", "github.com/a/b"],
])("%s is refused before the call is kept", async (repository) => {
  expect(await isTaken({ repository })).toBe(false);
});
