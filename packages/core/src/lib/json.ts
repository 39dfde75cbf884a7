/** What JSON can hold. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Whether a value has objects or arrays below `levels` others; by itself without recursion. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  let row: unknown[] = [value];
  for (let level = 0; row.length > 0; level += 1) {
    if (level > levels) return true;
    row = row.flatMap((one) =>
      typeof one === "object" && one !== null ? Object.values(one).filter(isContainer) : [],
    );
  }
  return false;
}

function isContainer(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
