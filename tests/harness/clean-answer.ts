import { expect } from "vitest";
import { insidesIn } from "./insides.ts";

/** What is told to a client must not tell of the server's insides. */
export function expectClean(text: string): void {
  expect(insidesIn(text)).toBe(undefined);
}
