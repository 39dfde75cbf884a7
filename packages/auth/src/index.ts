  isLoopback,
  matchesRedirect,
  parseRedirectUri,
  redirectHost,
  type RedirectHost,
export type { Client, ClientRegistry } from "./client/client.ts";
export type { CodeRecord, CodeStore } from "./token/authorization-code.ts";
export type { Family, FamilyStore, Move } from "./token/family.ts";
export type { FamilyId } from "./token/refresh-token.ts";
export {
} from "./client/redirect-uri.ts";
