import { expect, test } from "vitest";
import { signingKey } from "../../signature/sigv4.ts";
import { decodeChunks } from "../body/chunked-body.ts";
import { ChunkSignatures } from "./chunk-signature.ts";

/** The worked example of "Transferring Payload in Multiple Chunks", Amazon S3 API reference: 66,560 times "a". */
const SCOPE = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  day: "20130524",
  region: "us-east-1",
  service: "s3",
};
const AUTHENTICATION = {
  payload: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  scope: SCOPE,
  amzDate: "20130524T000000Z",
  signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  key: signingKey("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", SCOPE),
};
const FIRST = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";
const SECOND = "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497";
const LAST = "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9";

function framed(first: string): Buffer {
  return Buffer.from(
    `10000;chunk-signature=${FIRST}\r\n${first}\r\n400;chunk-signature=${SECOND}\r\n${"a".repeat(1024)}\r\n0;chunk-signature=${LAST}\r\n\r\n`,
  );
}

async function decode(frame: Buffer): Promise<string> {
  const chunks: Buffer[] = [];
  const source = (async function* () {
    yield frame;
  })();
  const signatures = new ChunkSignatures(AUTHENTICATION);
  for await (const chunk of decodeChunks(source, new Map(), signatures)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("the signed chunks of the reference are accepted", async () => {
  expect(await decode(framed("a".repeat(65_536)))).toBe("a".repeat(66_560));
});

test("a chunk changed on its way is refused", async () => {
  const changed = `${"a".repeat(65_535)}b`;
  await expect(decode(framed(changed))).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
});
