export * from "./meter.ts";
