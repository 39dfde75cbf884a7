import { randomText } from "../token/base64url.ts";

const VALUE = /^[\w-]{43}$/;

/** A random value that a browser keeps: what is asked in one can't be gone on with in another. */
export interface BrowserCookie {
  readonly value: string;
  /** For `set-cookie`. */
  readonly header: string;
}

/** `__Host-` where it can be: no other host, path or plain http sets or reads it then (RFC 6265bis section 4.1.3). */
export function browserCookie(request: Request, secure: boolean): BrowserCookie {
  const name = secure ? "__Host-zenode-browser" : "zenode-browser";
  const value = readCookie(request, name) ?? randomText();
  const attributes = ["Path=/", "HttpOnly", "SameSite=Lax", ...(secure ? ["Secure"] : [])];
  return { value, header: [`${name}=${value}`, ...attributes].join("; ") };
}

/** Twice the same name is somebody's trick: then there is none. */
function readCookie(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const found = pairs.filter((pair) => pair.startsWith(`${name}=`));
  const [value = ""] = found.map((pair) => pair.slice(name.length + 1));
  return found.length === 1 && VALUE.test(value) ? value : undefined;
}
