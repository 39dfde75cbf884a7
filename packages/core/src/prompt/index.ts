export * from "./define-prompt.ts";
