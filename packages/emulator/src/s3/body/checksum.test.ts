import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChecksumAlgorithm,
  checksumOfParts,
  startChecksum,
  statedChecksums,
} from "./checksum.ts";
import { CRC32, runningCrc } from "./crc.ts";

function sum(algorithm: ChecksumAlgorithm, data: Buffer): Buffer {
  const running = startChecksum(algorithm);
  running.update(data);
  return running.digest();
}

/** Check values of the CRC catalogue and of FIPS 180, each over "123456789". */
test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
] as const)("%s of 123456789 is %s", (algorithm, hex) => {
  expect(sum(algorithm, Buffer.from("123456789")).toString("hex")).toBe(hex);
});

test("the sum does not depend on how the data came", () => {
  const running = startChecksum("CRC64NVME");
  for (const piece of ["1", "", "2345678", "9"]) running.update(Buffer.from(piece));
  expect(running.digest().toString("hex")).toBe("ae8b14860a799888");
});

test("our table and zlib agree on CRC32", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const data = Buffer.from(bytes);
      const running = runningCrc(CRC32);
      running.update(data);
      expect(running.digest()).toEqual(sum("CRC32", data));
    }),
  );
});

describe("of parts", () => {
  test.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
    "a full-object %s is the sum over all bytes",
    (algorithm) => {
      const parts = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(parts, (pieces) => {
          const buffers = pieces.map((piece) => Buffer.from(piece));
          const sums = buffers.map((data) => ({
            sum: sum(algorithm, data).toString("base64"),
            bytes: data.length,
          }));
          const whole = sum(algorithm, Buffer.concat(buffers)).toString("base64");
          expect(checksumOfParts(algorithm, "FULL_OBJECT", sums)).toBe(whole);
        }),
        { numRuns: 50 },
      );
    },
  );

  test("a composite sum is over the sums and tells how many they were", () => {
    const part = { sum: "y/Q5Jg==", bytes: 9 };
    // CRC-32 of cbf43926 twice.
    expect(checksumOfParts("CRC32", "COMPOSITE", [part, part])).toBe(
      `${sum("CRC32", Buffer.from("cbf43926cbf43926", "hex")).toString("base64")}-2`,
    );
  });

  test("SHA sums do not add up", () => {
    expect(() => checksumOfParts("SHA256", "FULL_OBJECT", [{ sum: "", bytes: 0 }])).toThrow(
      expect.objectContaining({ code: "InvalidRequest" }),
    );
  });
});

test("a stated checksum of the wrong length is refused", () => {
  expect(() => statedChecksums({ "x-amz-checksum-crc32": "AAA=" })).toThrow(
    expect.objectContaining({ code: "InvalidRequest" }),
  );
  expect(
    statedChecksums({ "x-amz-checksum-crc32": "AAAAAA==", "x-amz-checksum-type": "x" }),
  ).toEqual({
    CRC32: "AAAAAA==",
  });
});
