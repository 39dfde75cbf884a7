export type { AwayRecord, AwayStore } from "./authorize/away-store.ts";
export type { Client, ClientRegistry } from "./client/client.ts";
export type { ClientStore, StoredClient } from "./client/client-store.ts";
export {
  type DocumentCache,
  DocumentClients,
  type DocumentClientsOptions,
  type DocumentFetcher,
  type FetchedDocument,
  type KnownDocument,
  type Pause,
} from "./client/document-clients.ts";
export { networkOf } from "./client/network.ts";
export {
  isLoopback,
  matchesRedirect,
  parseRedirectUri,
  type RedirectHost,
  redirectHost,
} from "./client/redirect-uri.ts";
export {
  ClientRegistration,
  type ClientRegistrationOptions,
  type RegistrationAnswer,
} from "./client/register.ts";
export type { ClientInformation, RegistrationError } from "./client/registration.ts";
export {
  REGISTRATION_LIMITS,
  type RegistrationLimits,
  type RegistrationRate,
} from "./client/registration-rate.ts";
export { StoredClients, type StoredClientsOptions } from "./client/stored-clients.ts";
export { type AuthServerOptions, makeAuthServer } from "./make-auth-server.ts";
export type { CodeRecord, CodeStore } from "./token/authorization-code.ts";
export type { Family, FamilyStore, Move } from "./token/family.ts";
export type { FamilyId } from "./token/refresh-token.ts";
