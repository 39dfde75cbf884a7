export type { AwayRecord, AwayStore } from "./authorize/away-store.ts";
export type { Client, ClientRegistry } from "./client/client.ts";
export {
  isLoopback,
  matchesRedirect,
  parseRedirectUri,
  type RedirectHost,
  redirectHost,
} from "./client/redirect-uri.ts";
export {
  type ClientInformation,
  parseRegistration,
  type Registration,
  type RegistrationError,
} from "./client/registration.ts";
export { type AuthServerOptions, makeAuthServer } from "./make-auth-server.ts";
export type { CodeRecord, CodeStore } from "./token/authorization-code.ts";
export type { Family, FamilyStore, Move } from "./token/family.ts";
export type { FamilyId } from "./token/refresh-token.ts";
