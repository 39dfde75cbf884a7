import { newId } from "@zenode/core";
import type { ClientStore } from "./client-store.ts";
import {
  type ClientInformation,
  parseRegistration,
  type RegistrationError,
} from "./registration.ts";
import {
  admitRegistration,
  type RegistrationLimits,
  type RegistrationRate,
} from "./registration-rate.ts";
import { UNUSED_CLIENT_MS } from "./stored-clients.ts";

export type RegistrationAnswer =
  /** 201. */
  | { readonly kind: "registered"; readonly information: ClientInformation }
  /** 400. */
  | { readonly kind: "refused"; readonly error: RegistrationError }
  /** 429, with these seconds as Retry-After. */
  | { readonly kind: "too_many"; readonly retryAfterSeconds: number };

export interface ClientRegistrationOptions {
  readonly store: ClientStore;
  readonly rate: RegistrationRate;
  readonly limits: RegistrationLimits;
}

/** Dynamic client registration (RFC 7591), open to everybody: a client is worth nothing until a user agrees to it. */
export class ClientRegistration {
  readonly #options: ClientRegistrationOptions;

  constructor(options: ClientRegistrationOptions) {
    this.#options = options;
  }

  /**
   * Registers what a body asks for; a client that is not used within a day is forgotten.
   * @param body the request's JSON, unchecked
   * @param address who asks, hashed; an IPv6 network is one address (`networkOf`)
   * @param now milliseconds since the epoch
   */
  async register(body: unknown, address: string, now: number): Promise<RegistrationAnswer> {
    const registration = parseRegistration(body, { id: newId("client"), now });
    if (registration.kind === "refused") return registration;
    const { store, rate, limits } = this.#options;
    const retryAfterSeconds = await admitRegistration(rate, { address, now }, limits);
    if (retryAfterSeconds !== undefined) return { kind: "too_many", retryAfterSeconds };
    await store.add(registration.client, now + UNUSED_CLIENT_MS);
    return { kind: "registered", information: registration.information };
  }
}
