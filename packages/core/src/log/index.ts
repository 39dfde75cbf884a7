export * from "./append-at-end.ts";
export * from "./event-log.ts";
export * from "./find-end.ts";
export * from "./tail.ts";
