import { expect, test } from "vitest";
import { ToolWorkspace, toText } from "../testing/tool-workspace.ts";
import { whoami } from "./tool.ts";

test("tells the caller and asks no store", async () => {
  const workspace = await ToolWorkspace.of({});
  const before = { ...workspace.packs.requests };
  const result = await workspace.run(whoami, {});
  expect(result.structured).toEqual({
    tenant: "u-ada",
    user: "ada",
    subject: "ada",
    client: "client",
    scopes: ["write"],
    token_expires_at: "2026-09-21T14:23:20.000Z",
    deadline: "2026-09-21T14:13:50.000Z",
  });
  expect(toText(result)).toBe("ada in tenant u-ada, with the scopes write.");
  expect(workspace.packs.requests).toEqual(before);
});
