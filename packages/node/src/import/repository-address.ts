import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { RefusedError } from "@zenode/core";
import { isPublicAddress } from "../public-address.ts";

/** An address that may be asked, and where its host is. */
export interface CheckedAddress {
  readonly url: string;
  readonly protocol: "https" | "http";
  /** For git's `http.curloptResolve`: the addresses that were looked at, so that no second lookup can give others. */
  readonly pinned?: string;
}

/** All addresses of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface AddressRules {
  /** For tests and local use: http at 127.0.0.1 is let in too. */
  readonly loopback: boolean;
  readonly resolve?: Resolve;
}

const LOOPBACK = "127.0.0.1";
/** In a pin a minus or plus at the beginning is an order to curl, and a dot at the end another name. */
const HOST = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;

/**
 * Checks where a repository is to be fetched from: https, without anything secret in it, on a host all of whose
 * addresses are public. @throws RefusedError `invalid_input`, `not_found` (no such host).
 */
export async function checkAddress(
  text: string,
  { loopback, resolve = resolveHost }: AddressRules,
): Promise<CheckedAddress> {
  const url = parseAddress(text);
  if (loopback && url.protocol === "http:" && url.hostname === LOOPBACK) {
    return { url: url.href, protocol: "http" };
  }
  if (url.protocol !== "https:") throw refused("only https addresses are taken");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLiteral = isIP(host) !== 0;
  if (!isLiteral && !HOST.test(host)) throw refused("its host has no usual name");
  const addresses = isLiteral ? [host] : await resolve(host);
  if (addresses.length === 0 || !addresses.every(isPublicAddress)) {
    throw refused("its host is not on the public internet");
  }
  const checked = { url: url.href, protocol: "https" } as const;
  if (isLiteral) return checked;
  const listed = addresses.map((one) => (isIP(one) === 6 ? `[${one}]` : one)).join(",");
  return { ...checked, pinned: `${host}:${url.port || "443"}:${listed}` };
}

/** Without anything that may be secret. @throws RefusedError `invalid_input`. */
function parseAddress(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw refused("it is no URL");
  if (url.username !== "" || url.password !== "") {
    throw refused("it holds a user name or a password");
  }
  if (url.search !== "" || url.hash !== "") throw refused("it holds a query or a fragment");
  return url;
}

async function resolveHost(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    const why = `There is no host ${host}, or it can't be found now.`;
    throw new RefusedError("not_found", why, { cause });
  }
}

function refused(why: string): RefusedError {
  return new RefusedError(
    "invalid_input",
    `This address can't be imported from: ${why}. A repository that is not public can be uploaded as a git bundle.`,
  );
}
