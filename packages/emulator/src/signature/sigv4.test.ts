import { expect, test } from "vitest";
import { canonicalRequest, hmac, parseAmzDate, signingKey, stringToSign } from "./sigv4.ts";

/** The worked examples of "Authenticating Requests (AWS Signature Version 4)", Amazon S3 API reference. */
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SCOPE = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  day: "20130524",
  region: "us-east-1",
  service: "s3",
};
const DATE = "20130524T000000Z";
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HOST = { host: "examplebucket.s3.amazonaws.com" };

const EXAMPLES = [
  {
    name: "GET Object with a range",
    input: {
      method: "GET",
      rawPath: "/test.txt",
      query: [],
      headers: { ...HOST, range: "bytes=0-9", "x-amz-content-sha256": EMPTY, "x-amz-date": DATE },
      signedHeaders: ["host", "range", "x-amz-content-sha256", "x-amz-date"],
      payload: EMPTY,
    },
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  },
  {
    name: "PUT Object",
    input: {
      method: "PUT",
      rawPath: "/test%24file.text",
      query: [],
      headers: {
        ...HOST,
        date: "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "x-amz-date": DATE,
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
      },
      signedHeaders: ["date", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-storage-class"],
      payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    },
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  },
  {
    name: "GET Bucket lifecycle",
    input: {
      method: "GET",
      rawPath: "/",
      query: [["lifecycle", ""]],
      headers: { ...HOST, "x-amz-content-sha256": EMPTY, "x-amz-date": DATE },
      signedHeaders: ["host", "x-amz-content-sha256", "x-amz-date"],
      payload: EMPTY,
    },
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  },
  {
    name: "List Objects",
    input: {
      method: "GET",
      rawPath: "/",
      query: [
        ["max-keys", "2"],
        ["prefix", "J"],
      ],
      headers: { ...HOST, "x-amz-content-sha256": EMPTY, "x-amz-date": DATE },
      signedHeaders: ["host", "x-amz-content-sha256", "x-amz-date"],
      payload: EMPTY,
    },
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  },
  {
    name: "presigned GET",
    input: {
      method: "GET",
      rawPath: "/test.txt",
      query: [
        ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
        ["X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"],
        ["X-Amz-Date", DATE],
        ["X-Amz-Expires", "86400"],
        ["X-Amz-SignedHeaders", "host"],
      ],
      headers: HOST,
      signedHeaders: ["host"],
      payload: "UNSIGNED-PAYLOAD",
    },
    signature: "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  },
] as const;

test.each(EXAMPLES)("$name is signed as the reference signs it", ({ input, signature }) => {
  const text = stringToSign(DATE, SCOPE, canonicalRequest(input));
  expect(hmac(signingKey(SECRET, SCOPE), text).toString("hex")).toBe(signature);
});

test("the canonical request sorts its query and collapses blanks in headers", () => {
  const canonical = canonicalRequest({
    method: "GET",
    rawPath: "/a%20b/%7Ec/*",
    query: [
      ["b", "2"],
      ["a", "x y"],
      ["a", "1"],
      ["X-Amz-Signature", "gone"],
    ],
    headers: { host: "h", "x-amz-meta-note": "  two   words " },
    signedHeaders: ["host", "x-amz-meta-note"],
    payload: "UNSIGNED-PAYLOAD",
  });
  expect(canonical).toBe(
    "GET\n/a%20b/~c/%2A\na=1&a=x%20y&b=2\nhost:h\nx-amz-meta-note:two words\n\nhost;x-amz-meta-note\nUNSIGNED-PAYLOAD",
  );
});

test.each([
  ["20130524T000000Z", 1_369_353_600_000],
  ["2013-05-24T00:00:00Z", Number.NaN],
  ["20131324T000000Z", Number.NaN],
  ["", Number.NaN],
])("the date %s is %d", (text, ms) => {
  expect(parseAmzDate(text)).toBe(ms);
});
