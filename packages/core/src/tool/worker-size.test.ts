import { expect, test } from "vitest";
import { toWorkerSize } from "./worker-size.ts";

test.each([
  [{}, undefined],
  [{ memoryMb: 2048 }, { cpu: 1024, memoryMb: 2048, diskGb: 30 }],
  [{ memoryMb: 2049 }, { cpu: 1024, memoryMb: 3072, diskGb: 30 }],
  [{ memoryMb: 9000 }, { cpu: 2048, memoryMb: 9216, diskGb: 30 }],
  [
    { cpu: 256, memoryMb: 512 },
    { cpu: 256, memoryMb: 512, diskGb: 30 },
  ],
  [
    { cpu: 256, memoryMb: 3000 },
    { cpu: 512, memoryMb: 3072, diskGb: 30 },
  ],
  [{ cpu: 3000 }, { cpu: 4096, memoryMb: 8192, diskGb: 30 }],
  [
    { cpu: 8192, memoryMb: 17_000 },
    { cpu: 8192, memoryMb: 20_480, diskGb: 30 },
  ],
  [{ memoryMb: 122_880 }, { cpu: 16_384, memoryMb: 122_880, diskGb: 30 }],
  [{ diskGb: 100 }, { cpu: 1024, memoryMb: 2048, diskGb: 100 }],
  [{ diskGb: 5 }, { cpu: 1024, memoryMb: 2048, diskGb: 21 }],
])("%j becomes %j", (wanted, expected) => {
  expect(toWorkerSize("probe", wanted)).toEqual(expected);
});

test.each([
  [{ memoryMb: 122_881 }, /16384 with 122880/],
  [{ cpu: 16_385 }, /16384 with 122880/],
  [{ diskGb: 201 }, /201 GiB of disk/],
  [{ memoryMb: Number.NaN }, /NaN/],
  [{ cpu: 0 }, /size 0/],
])("%j is refused", (wanted, said) => {
  expect(() => toWorkerSize("probe", wanted)).toThrow(said);
});
