export * from "./change-bus.ts";
