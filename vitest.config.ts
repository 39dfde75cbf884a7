import { defineConfig } from "vitest/config";

/** Suites that start processes and sockets share two cores: one suite, and one file of it, at a time. */
const heavy = (name: string, groupOrder: number) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    sequence: { groupOrder },
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
          // Ends what hangs; a busy machine is no fault.
          testTimeout: 60_000,
        },
      },
      heavy("architecture", 1),
      heavy("bundle", 2),
      heavy("emulator", 3),
      heavy("aws", 4),
      heavy("conformance", 5),
      heavy("path", 6),
      heavy("stacks", 7),
      heavy("drift", 8),
      heavy("interop", 9),
      heavy("duties", 10),
      heavy("fuzz", 11),
      heavy("faults", 12),
      heavy("simulate", 13),
      heavy("workspace", 14),
    ],
  },
});
