export * from "./access/index.ts";
export * from "./burst/index.ts";
export * from "./lib/index.ts";
export * from "./log/index.ts";
export * from "./session/index.ts";
export * from "./tenant/index.ts";
export * from "./tool/index.ts";
export * from "./workspace/index.ts";
