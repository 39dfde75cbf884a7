import { expect, test } from "vitest";
import { hmac, signingKey } from "../../signature/sigv4.ts";
import { checkPostPolicy } from "./post-policy.ts";

const NOW = Date.parse("2026-01-02T00:00:00Z");
const CREDENTIAL = "KEY/20260102/us-east-1/s3/aws4_request";
const SCOPE = { accessKeyId: "KEY", day: "20260102", region: "us-east-1", service: "s3" };
const LATER = "2026-01-02T00:01:00Z";

function form(policy: unknown, fields: Record<string, string> = {}) {
  const encoded = Buffer.from(JSON.stringify(policy)).toString("base64");
  const signature = hmac(signingKey("SECRET", SCOPE), encoded).toString("hex");
  const entries = Object.entries({ "x-amz-credential": CREDENTIAL, ...fields });
  return {
    bucket: "box",
    fields: new Map([...entries, ["policy", encoded], ["x-amz-signature", signature]]),
  };
}

const CREDENTIAL_CONDITION = { "x-amz-credential": CREDENTIAL };
const KEY = { key: "in/a" };

test("a form that keeps its policy gives the size the file may have", () => {
  const conditions = [
    CREDENTIAL_CONDITION,
    { bucket: "box" },
    ["starts-with", "$key", "in/"],
    ["eq", "$Content-Type", "text/plain"],
    ["content-length-range", 1, 10],
  ];
  const posted = form({ expiration: LATER, conditions }, { ...KEY, "content-type": "text/plain" });
  expect(checkPostPolicy(posted, { KEY: "SECRET" }, NOW)).toEqual({ minimum: 1, maximum: 10 });
});

test.each([
  ["expired", { expiration: "2026-01-01T00:00:00Z", conditions: [] }, KEY, "AccessDenied"],
  ["without an expiration", { conditions: [] }, KEY, "InvalidArgument"],
  ["another key", { conditions: [["starts-with", "$key", "out/"]] }, KEY, "AccessDenied"],
  ["another bucket", { conditions: [{ bucket: "crate" }] }, KEY, "AccessDenied"],
  ["a field it does not name", { conditions: [] }, { ...KEY, extra: "1" }, "AccessDenied"],
  ["an operator unknown", { conditions: [["ends-with", "$key", "a"]] }, KEY, "InvalidArgument"],
])("a policy with %s is refused", (name, policy, fields, code) => {
  const expiration = name === "without an expiration" ? {} : { expiration: LATER };
  const posted = form({ ...expiration, ...policy }, fields);
  expect(() => checkPostPolicy(posted, { KEY: "SECRET" }, NOW)).toThrow(
    expect.objectContaining({ code }),
  );
});

test.each([
  ["an unknown key", { OTHER: "SECRET" }, "InvalidAccessKeyId"],
  ["another secret", { KEY: "WRONG" }, "SignatureDoesNotMatch"],
])("a policy signed with %s is refused", (_, credentials, code) => {
  const posted = form({ expiration: LATER, conditions: [] });
  expect(() => checkPostPolicy(posted, credentials, NOW)).toThrow(
    expect.objectContaining({ code }),
  );
});
