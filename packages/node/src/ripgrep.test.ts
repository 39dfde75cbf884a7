import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { findRipgrep } from "./ripgrep.ts";

test("the binary is there and runs", async () => {
  expect(execFileSync(await findRipgrep(), ["--version"], { encoding: "utf8" })).toMatch(
    /^ripgrep /,
  );
});
