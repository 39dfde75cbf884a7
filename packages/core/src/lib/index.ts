export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./duration.ts";
export * from "./error.ts";
export * from "./id.ts";
export * from "./json.ts";
export * from "./logger.ts";
export * from "./variables.ts";
