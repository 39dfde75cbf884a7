import { defineConfig } from "vitest/config";

/** Suites that start processes and sockets share two cores: one file at a time. */
const heavy = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"] } },
      {
        test: {
          name: "architecture",
          include: ["tests/architecture/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { test: { name: "emulator", include: ["tests/emulator/**/*.test.ts"], ...heavy } },
      { test: { name: "aws", include: ["tests/aws/**/*.test.ts"], ...heavy } },
      {
        test: {
          name: "path",
          include: ["tests/path/**/*.test.ts"],
          ...heavy,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "stacks",
          include: ["tests/stacks/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
