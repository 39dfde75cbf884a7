import { MAX_FILE_BYTES, MIB } from "@zenode/core";
import { MemoryWorkspace, noise } from "@zenode/core/testing";
import { expect, test } from "vitest";
import { readAsOther } from "./other-reader.ts";

test("another reader finds a large file, pushed and changed, as ours does", async () => {
  const workspace = new MemoryWorkspace();
  const large = noise(5 * MIB, 11);
  const edited = Buffer.concat([
    large.subarray(0, 2_000_000),
    Buffer.from("new"),
    large.subarray(2_000_000),
  ]);
  await workspace.push("app", { "a.txt": "a", large });
  await workspace.push("app", { "a.txt": "a", large: edited });
  for (const [number, content] of [
    [1, large],
    [2, edited],
  ] as const) {
    const record = await workspace.snapshots.get("u-ada", "app", number);
    if (!record) throw new Error(`Snapshot ${number} was pushed.`);
    const leaves = await readAsOther(record, (id, bytes) =>
      workspace.packs.read("u-ada", "app", id, 0, bytes),
    );
    const leaf = leaves.get("large");
    expect(leaf?.kind === "file" && leaf.content.equals(content)).toBe(true);
    const snapshot = await workspace.projects().openAt("app", number);
    expect(Buffer.compare(await snapshot.read("large", MAX_FILE_BYTES), content)).toBe(0);
  }
});
