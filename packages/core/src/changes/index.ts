export * from "./announce-commits.ts";
export * from "./change-bus.ts";
