export * from "./event-log.ts";
export * from "./find-end.ts";
export * from "./tail.ts";
