import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { RefusedError } from "@zenode/core";
import { isPublicAddress } from "../public-address.ts";

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface HostRules {
  /** For tests and local use: what is at 127.0.0.1 may be asked too, over http as well. */
  readonly loopback: boolean;
  readonly resolve?: Resolve | undefined;
}

const LOOPBACK = "127.0.0.1";

/**
 * Where the host of a URL is, looked up once: who connects must take these. All of them must be public: which one is
 * taken is not ours to say. @throws RefusedError `invalid_input`, `unavailable` (no such host now).
 */
export async function hostAddresses(
  { protocol, hostname }: URL,
  { loopback, resolve = resolveHost }: HostRules,
): Promise<readonly string[]> {
  const isLocal = loopback && protocol === "http:" && hostname === LOOPBACK;
  if (protocol !== "https:" && !isLocal) throw refused("it is not https");
  const isName = isIP(hostname) === 0 && !hostname.startsWith("[");
  const addresses = isName ? await resolve(hostname) : [hostname];
  const mayBeAsked = (address: string) =>
    isPublicAddress(address) || (loopback && address === LOOPBACK);
  if (addresses.length > 0 && addresses.every(mayBeAsked)) return addresses;
  throw refused("its host is not on the public internet");
}

async function resolveHost(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new RefusedError("unavailable", `There is no host ${host}, or it can't be found now.`, {
      cause,
    });
  }
}

function refused(why: string): RefusedError {
  return new RefusedError("invalid_input", `This metadata document can't be asked for: ${why}.`);
}
