import { expect, test } from "vitest";
import { handler } from "../../stacks/functions/restore-headers.mjs";

const challenge = 'Bearer error="insufficient_scope", scope="zenode/write"';
const renamed = "x-amzn-remapped-www-authenticate";

function answer(headers: Record<string, { key?: string; value: string }[]>) {
  const response = { status: "403", statusDescription: "Forbidden", headers };
  return handler({ Records: [{ cf: { response } }] });
}

test("a renamed challenge gets its name back and the other headers stay", async () => {
  const contentType = [{ key: "Content-Type", value: "application/json" }];
  const response = await answer({
    "content-type": contentType,
    [renamed]: [{ key: renamed, value: challenge }],
  });
  expect(response).toEqual({
    status: "403",
    statusDescription: "Forbidden",
    headers: {
      "content-type": contentType,
      "www-authenticate": [{ key: "WWW-Authenticate", value: challenge }],
    },
  });
});

test("every one of several challenges is kept", async () => {
  const response = await answer({ [renamed]: [{ value: "Bearer" }, { value: "Basic" }] });
  expect(response.headers["www-authenticate"]).toEqual([
    { key: "WWW-Authenticate", value: "Bearer" },
    { key: "WWW-Authenticate", value: "Basic" },
  ]);
});

test("an answer without a renamed challenge is left alone", async () => {
  const headers = { "www-authenticate": [{ key: "WWW-Authenticate", value: challenge }] };
  expect((await answer(headers)).headers).toEqual(headers);
});

test("the gateway's own challenge wins over a renamed one", async () => {
  const own = [{ key: "WWW-Authenticate", value: challenge }];
  const response = await answer({ "www-authenticate": own, [renamed]: [{ value: "Basic" }] });
  expect(response.headers).toEqual({ "www-authenticate": own });
});
