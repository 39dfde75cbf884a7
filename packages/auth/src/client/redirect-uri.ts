import { RefusedError } from "@zenode/core";
import type { Client } from "./client.ts";
import { isHostName } from "./host-name.ts";

/** Where a redirect goes, for people; `host` has its port, and is in the ASCII form that browsers resolve. */
export type RedirectHost =
  | { readonly kind: "site"; readonly host: string }
  | { readonly kind: "this-computer"; readonly host: string };

interface Parts {
  readonly text: string;
  readonly url: URL;
}

interface Rule {
  readonly holds: (parts: Parts) => boolean;
  /** ASCII without quotes and backslashes, as `error_description` wants it (RFC 6749 section 5.2). */
  readonly otherwise: (parts: Parts) => string;
}

const MAX_CHARACTERS = 2048;
/** What RFC 3986 has; everything else is encoded, or read differently by different parsers. */
const URI_CHARACTERS = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/;
const WEB = /^https?:\/\//;
const LOOPBACK = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?=[/?]|$)/;
/** `%` without two digits; an encoded control character or backslash. */
const UNSAFE_ENCODING = /%(?![0-9a-fA-F]{2})|%(?:[01][0-9a-fA-F]|7[fF]|5[cC])/;
/** Servers that decode before they split see these segments as `.` and `..`. */
const DOT_SEGMENT = /(?:^|\/|%2f)(?:\.|%2e){1,2}(?=\/|%2f|$)/i;
/** What our answer adds (RFC 6749 section 4.1.2, RFC 9207): were it there twice, the client might read the other one. */
const ANSWERED: readonly string[] = [
  "code",
  "error",
  "error_description",
  "error_uri",
  "iss",
  "state",
];

const ONLY =
  "Redirects go to https on a host with a name, or to http on localhost, 127.0.0.1 or [::1] of any port.";

const RULES: readonly Rule[] = [
  {
    holds: ({ text }) => !text.includes("#"),
    otherwise: () => "A redirect has no fragment; leave out the # and what follows.",
  },
  {
    holds: ({ url }) => url.username === "" && url.password === "",
    otherwise: () => "A redirect names no user; leave out what stands before the @.",
  },
  {
    // The bare origin is the one text that is not its own normal form and can't be taken for another's.
    holds: ({ text, url }) => text === url.href || `${text}/` === url.href,
    otherwise: ({ url: { href } }) =>
      `Browsers read this redirect differently. ${isRedirectUri(href) ? `This would work: ${href}` : ONLY}`,
  },
  {
    holds: ({ text }) => URI_CHARACTERS.test(text) && !UNSAFE_ENCODING.test(text),
    otherwise: () =>
      "A redirect has only the characters of RFC 3986, others percent-encoded, and no control characters or backslashes.",
  },
  {
    holds: ({ url }) => !DOT_SEGMENT.test(url.pathname),
    otherwise: () => "The path of a redirect has no segments . and .., encoded or not.",
  },
  {
    holds: ({ text, url }) => LOOPBACK.test(text) || isSite(url),
    otherwise: () => ONLY,
  },
  {
    holds: ({ url }) => !ANSWERED.some((name) => url.searchParams.has(name)),
    otherwise: () => `The query of a redirect can't have ${ANSWERED.join(", ")}: the answer does.`,
  },
];

/**
 * Checks a redirect URI and gives it back as it is: what is compared is what the browser goes to. Https, or http on the
 * user's machine; MCP has nothing else (basic/authorization/security-considerations), private-use schemes (RFC 8252
 * section 7.1) included: any application of a machine can claim one.
 * @throws RefusedError `invalid_input` that says what would work, in ASCII without quotes.
 */
export function parseRedirectUri(text: string): string {
  const parts = split(text);
  if (typeof parts === "string") throw new RefusedError("invalid_input", parts);
  const broken = RULES.find(({ holds }) => !holds(parts));
  if (broken) throw new RefusedError("invalid_input", broken.otherwise(parts));
  return text;
}

/**
 * Whether a client may be answered at `asked`: at a redirect of its own, character by character (RFC 9700 section 2.1).
 * An application on the user's machine is given its port at each start, so any port will do on the loopback host that
 * it registered, path and query being the same (RFC 8252 section 7.3), `localhost` too.
 */
export function matchesRedirect(
  asked: string,
  { redirectUris, native }: Pick<Client, "redirectUris" | "native">,
): boolean {
  if (!isRedirectUri(asked)) return false;
  if (redirectUris.includes(asked)) return true;
  const wanted = native ? withoutPort(asked) : undefined;
  return wanted !== undefined && redirectUris.some((one) => withoutPort(one) === wanted);
}

/** Where a redirect that was checked goes. */
export function redirectHost(uri: string): RedirectHost {
  const { host } = new URL(uri);
  return { kind: isLoopback(uri) ? "this-computer" : "site", host };
}

/** Whether a redirect goes to the user's own machine. */
export function isLoopback(uri: string): boolean {
  return LOOPBACK.test(uri);
}

function isRedirectUri(text: string): boolean {
  const parts = split(text);
  return typeof parts !== "string" && RULES.every(({ holds }) => holds(parts));
}

/** A text says why there are no parts. */
function split(text: string): Parts | string {
  if (text.length > MAX_CHARACTERS) return "A redirect has at most 2,048 characters.";
  if (/[\\\s\p{C}]/u.test(text)) {
    return "A redirect has no spaces, backslashes or control characters.";
  }
  if (!WEB.test(text)) return `${ONLY} Schemes of an application's own are not taken.`;
  const url = URL.parse(text);
  return url ? { text, url } : `This redirect is no URL. ${ONLY}`;
}

function isSite({ protocol, hostname }: URL): boolean {
  // `<anything>.localhost` is the user's machine (RFC 6761 section 6.3), and would be shown as a site.
  return protocol === "https:" && isHostName(hostname) && !hostname.endsWith(".localhost");
}

/** Undefined: not on the user's machine, so its port counts. */
function withoutPort(uri: string): string | undefined {
  const match = LOOPBACK.exec(uri);
  return match ? `http://${match[1]}${uri.slice(match[0].length)}` : undefined;
}
