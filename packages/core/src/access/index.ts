export * from "./principal.ts";
export * from "./scope.ts";
