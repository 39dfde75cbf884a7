import { RefusedError } from "@zenode/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLoopback, matchesRedirect, parseRedirectUri, redirectHost } from "./redirect-uri.ts";

describe("a redirect that is taken is given back as it is", () => {
  test.each([
    "https://app.example/callback",
    "https://app.example",
    "https://app.example/",
    "https://app.example:8443/cb?tenant=7&x=%20",
    "https://xn--mnchen-3ya.example/cb",
    "https://a-b.c-d.example/~x/(y)/z;v=1/@me/a%2Fb//c",
    "https://app.example/cb?",
    "https://claude.ai/api/mcp/auth_callback",
    "https://vscode.dev/redirect",
    "http://127.0.0.1/",
    "http://127.0.0.1:33418/",
    "http://127.0.0.1:33418",
    "http://localhost:51842/callback",
    "http://localhost/callback?from=cli",
    "http://[::1]:3000/oauth/callback",
    `https://app.example/${"a".repeat(2048 - 20)}`,
  ])("%s", (uri) => {
    expect(parseRedirectUri(uri)).toBe(uri);
  });
});

const SCHEMES = /^Redirects go to https .* Schemes of an application's own are not taken\.$/;
const PLACE = /^Redirects go to https on a host with a name, or to http on localhost/;
const READ_DIFFERENTLY = /^Browsers read this redirect differently\. Redirects go to https/;
const WOULD_WORK = (uri: string) =>
  `Browsers read this redirect differently. This would work: ${uri}`;
const CHARACTERS = /^A redirect has no spaces, backslashes or control characters\.$/;
const ENCODED = /^A redirect has only the characters of RFC 3986/;
const USER = /^A redirect names no user/;
const DOTS = /^The path of a redirect has no segments/;
const FRAGMENT = /^A redirect has no fragment/;
const ANSWERED = /^The query of a redirect can't have code, error, /;

describe("a redirect is refused with what would work", () => {
  test.each<[uri: string, text: string | RegExp]>([
    ["", SCHEMES],
    ["/callback", SCHEMES],
    ["//app.example/cb", SCHEMES],
    ["app.example/cb", SCHEMES],
    ["https:app.example/cb", SCHEMES],
    ["https:/app.example/cb", SCHEMES],
    ["HTTPS://app.example/cb", SCHEMES],
    ["javascript:alert(1)", SCHEMES],
    ["javascript://app.example/%0aalert(1)", SCHEMES],
    ["data:text/html,x", SCHEMES],
    ["vbscript:x", SCHEMES],
    ["file:///etc/passwd", SCHEMES],
    ["blob:https://app.example/1", SCHEMES],
    ["about:blank", SCHEMES],
    ["ftp://app.example/cb", SCHEMES],
    ["wss://app.example/cb", SCHEMES],
    ["cursor://anysphere.cursor-mcp/oauth/callback", SCHEMES],
    ["com.example.app:/oauth2redirect", SCHEMES],
    ["urn:ietf:wg:oauth:2.0:oob", SCHEMES],
    ["view-source:https://app.example/", SCHEMES],
    ["https://", /^This redirect is no URL\. Redirects go/],
    ["https://app.example:99999/cb", /^This redirect is no URL\./],
    ["https://%zz.example/", /^This redirect is no URL\./],
    ["https://a.b.256.1.1.1/", /^This redirect is no URL\./],
    ["http://app.example/cb", PLACE],
    ["http://127.0.0.2/cb", PLACE],
    ["http://127x0x0x1/cb", PLACE],
    ["http://0.0.0.0/cb", PLACE],
    ["http://[::]/cb", PLACE],
    ["http://10.0.0.1/cb", PLACE],
    ["http://169.254.169.254/latest", PLACE],
    ["http://localhost./cb", PLACE],
    ["http://app.localhost/cb", PLACE],
    ["http://localhost.evil.example/cb", PLACE],
    ["http://127.0.0.1.evil.example/cb", PLACE],
    ["http://[::ffff:7f00:1]/cb", PLACE],
    ["https://localhost/cb", PLACE],
    ["https://app.localhost/cb", PLACE],
    ["https://intranet/cb", PLACE],
    ["https://127.0.0.1/cb", PLACE],
    ["https://192.0.2.1/cb", PLACE],
    ["https://[2001:db8::1]/cb", PLACE],
    ["https://app.example./cb", PLACE],
    ["https://app..example/cb", PLACE],
    ["https://*.example.com/cb", PLACE],
    ["https://a_b.example/cb", PLACE],
    ["https://-a.example/cb", PLACE],
    [`https://${"a".repeat(64)}.example/cb`, PLACE],
    [`https://${"a.".repeat(130)}example/cb`, PLACE],
    [`https://${`${"a".repeat(61)}.`.repeat(4)}example/cb`, PLACE],
    ["http://127.1/cb", WOULD_WORK("http://127.0.0.1/cb")],
    ["http://2130706433/cb", WOULD_WORK("http://127.0.0.1/cb")],
    ["http://0x7f.1/cb", WOULD_WORK("http://127.0.0.1/cb")],
    ["http://0177.0.0.1/cb", WOULD_WORK("http://127.0.0.1/cb")],
    ["http://[0:0:0:0:0:0:0:1]/cb", WOULD_WORK("http://[::1]/cb")],
    ["http://[::ffff:127.0.0.1]/cb", READ_DIFFERENTLY],
    ["http://LocalHost/cb", WOULD_WORK("http://localhost/cb")],
    ["http://localhost:80/cb", WOULD_WORK("http://localhost/cb")],
    ["http://localhost:03000/cb", WOULD_WORK("http://localhost:3000/cb")],
    ["https://app.example:443/cb", WOULD_WORK("https://app.example/cb")],
    ["https://app.example:/cb", WOULD_WORK("https://app.example/cb")],
    ["https://App.example/cb", WOULD_WORK("https://app.example/cb")],
    ["https://app.example?x=1", WOULD_WORK("https://app.example/?x=1")],
    ["https:///app.example/cb", WOULD_WORK("https://app.example/cb")],
    ["https://@app.example/cb", WOULD_WORK("https://app.example/cb")],
    ["https://ex%61mple.com/cb", WOULD_WORK("https://example.com/cb")],
    ["https://münchen.example/cb", WOULD_WORK("https://xn--mnchen-3ya.example/cb")],
    ["https://аpple.example/cb", WOULD_WORK("https://xn--pple-43d.example/cb")],
    ["https://app。example/cb", WOULD_WORK("https://app.example/cb")],
    ["https://app.example/größe", WOULD_WORK("https://app.example/gr%C3%B6%C3%9Fe")],
    ["https://app.example/a/../cb", WOULD_WORK("https://app.example/cb")],
    ["https://app.example/a/%2e%2E/cb", WOULD_WORK("https://app.example/cb")],
    ["https://app.example/./cb", WOULD_WORK("https://app.example/cb")],
    [`https://app.example/"x"`, WOULD_WORK("https://app.example/%22x%22")],
    ["https://app.example/a/..%2fcb", DOTS],
    ["https://app.example/a%2F%2e%2e%2Fcb", DOTS],
    ["https://app.example/a%2f.", DOTS],
    ["https://user@app.example/cb", USER],
    ["https://user:secret@app.example/cb", USER],
    ["https://good.example@evil.example/cb", USER],
    ["http://localhost:3000@evil.example/cb", USER],
    ["https://app.example/cb#", FRAGMENT],
    ["https://app.example/cb#x", FRAGMENT],
    ["https://good.example#@evil.example/", FRAGMENT],
    [" https://app.example/cb", CHARACTERS],
    ["https://app.example/cb ", CHARACTERS],
    ["https://app.example/c b", CHARACTERS],
    ["https://app.exa\tmple/cb", CHARACTERS],
    ["https://app.example/cb\r\nset-cookie: x", CHARACTERS],
    ["java\nscript:alert(1)", CHARACTERS],
    ["https://app.example/\0", CHARACTERS],
    ["https://app.example/\u007f", CHARACTERS],
    ["https://app.example\\@evil.example/", CHARACTERS],
    ["https:\\\\app.example\\cb", CHARACTERS],
    ["https://app.example/\u202egnp.exe", CHARACTERS],
    ["https://ap\u200bp.example/", CHARACTERS],
    ["https://app.example/\ud800", CHARACTERS],
    ["https://app.example/%0d%0aset-cookie:x", ENCODED],
    ["https://app.example/%00", ENCODED],
    ["https://app.example/%5c", ENCODED],
    ["https://app.example/?x=%7F", ENCODED],
    ["https://app.example/%", ENCODED],
    ["https://app.example/%g0", ENCODED],
    ["https://app.example/a|b", ENCODED],
    ["https://app.example/cb?code=mine", ANSWERED],
    ["https://app.example/cb?x=1&st%61te=mine", ANSWERED],
    ["http://localhost:3000/cb?iss=https://evil.example", ANSWERED],
    [`https://app.example/${"a".repeat(2048 - 19)}`, /^A redirect has at most 2,048 characters\.$/],
  ])("%j", (uri, text) => {
    expect(refusalOf(uri)).toMatchObject({
      name: "RefusedError",
      code: "invalid_input",
      message: typeof text === "string" ? text : expect.stringMatching(text),
    });
  });
});

const SITE = "https://app.example/callback";
const LOCAL = "http://localhost:3000/callback";
const V4 = "http://127.0.0.1:3000/callback";
const V6 = "http://[::1]:3000/callback";

describe("a client is answered at a redirect of its own alone", () => {
  test.each<[registered: string, asked: string, native: boolean, matches: boolean]>([
    [SITE, SITE, false, true],
    [SITE, SITE, true, true],
    [SITE, "https://app.example:443/callback", true, false],
    [SITE, "https://app.example:8443/callback", true, false],
    [SITE, "http://app.example/callback", true, false],
    [SITE, "https://app.example/callback/", false, false],
    [SITE, "https://app.example/callback/x", false, false],
    [SITE, "https://app.example/callbackx", false, false],
    [SITE, "https://app.example/callbac", false, false],
    [SITE, "https://app.example/", false, false],
    [SITE, "https://app.example", false, false],
    [SITE, "https://app.example/Callback", false, false],
    [SITE, "https://APP.example/callback", false, false],
    [SITE, "HTTPS://app.example/callback", false, false],
    [SITE, "https://app.example//callback", false, false],
    [SITE, "https://app.example/./callback", false, false],
    [SITE, "https://app.example/x/../callback", false, false],
    [SITE, "https://app.example/%2e/callback", false, false],
    [SITE, "https://app.example/callback%2f", false, false],
    [SITE, "https://app.example/callback%2f..%2fopen", false, false],
    [SITE, "https://app.example/c%61llback", false, false],
    [SITE, "https://app.example/callback%00", false, false],
    [SITE, "https://app.example/callback;x", false, false],
    [SITE, "https://app.example/callback?", false, false],
    [SITE, "https://app.example/callback?next=https://evil.example", false, false],
    [SITE, "https://app.example/callback?a=1&a=2", false, false],
    [SITE, "https://app.example/callback#", false, false],
    [SITE, "https://app.example/callback#x", false, false],
    [SITE, "https://app.example./callback", false, false],
    [SITE, "https://www.app.example/callback", false, false],
    [SITE, "https://app.example.evil.example/callback", false, false],
    [SITE, "https://evil.example/https://app.example/callback", false, false],
    [SITE, "https://evil.example/?https://app.example/callback", false, false],
    [SITE, "https://app.example@evil.example/callback", false, false],
    [SITE, "https://app.example:x@evil.example/callback", false, false],
    [SITE, "https://user@app.example/callback", false, false],
    [SITE, "https://@app.example/callback", false, false],
    [SITE, "https://app.example\\@evil.example/callback", false, false],
    [SITE, "https://app.example\\callback", false, false],
    [SITE, "https:/app.example/callback", false, false],
    [SITE, "https:///app.example/callback", false, false],
    [SITE, "//app.example/callback", false, false],
    [SITE, "/callback", false, false],
    [SITE, "", false, false],
    [SITE, " https://app.example/callback", false, false],
    [SITE, "https://app.example/callback\n", false, false],
    [SITE, "https://app.example/call\tback", false, false],
    [SITE, "https://app.example/callback\0", false, false],
    [SITE, "javascript://app.example/callback", false, false],
    [SITE, "data:text/html,https://app.example/callback", false, false],
    [SITE, "file://app.example/callback", false, false],
    [SITE, "blob:https://app.example/callback", false, false],
    [SITE, "https://арр.example/callback", false, false],
    [SITE, "https://app。example/callback", false, false],
    [SITE, "https://xn--app-example/callback", false, false],
    [SITE, "https://*.example/callback", false, false],
    [SITE, `https://app.example/callback,${SITE}`, false, false],
    ["https://app.example/cb?a=1&b=2", "https://app.example/cb?a=1&b=2", false, true],
    ["https://app.example/cb?a=1&b=2", "https://app.example/cb?b=2&a=1", false, false],
    ["https://app.example/cb?a=1&b=2", "https://app.example/cb?a=1", false, false],
    ["https://app.example/cb?a=1", "https://app.example/cb?a=1&a=2", false, false],
    ["https://app.example/a%2Fb", "https://app.example/a%2fb", false, false],
    ["https://app.example/a%2Fb", "https://app.example/a/b", false, false],
    ["https://app.example", "https://app.example/", false, false],
    ["https://app.example/", "https://app.example", false, false],
    ["https://xn--mnchen-3ya.example/cb", "https://münchen.example/cb", false, false],
    [LOCAL, "http://localhost:51842/callback", true, true],
    [LOCAL, "http://localhost/callback", true, true],
    [LOCAL, "http://localhost:51842/callback", false, false],
    [LOCAL, "http://localhost:80/callback", true, false],
    [LOCAL, "http://localhost:03000/callback", true, false],
    [LOCAL, "http://localhost:65536/callback", true, false],
    [LOCAL, "http://localhost:51842/callback/", true, false],
    [LOCAL, "http://localhost:51842/callback?x=1", true, false],
    [LOCAL, "http://localhost:51842/callback#x", true, false],
    [LOCAL, "http://localhost:51842/", true, false],
    [LOCAL, "http://localhost:51842/x/../callback", true, false],
    [LOCAL, "https://localhost:51842/callback", true, false],
    [LOCAL, "http://LOCALHOST:51842/callback", true, false],
    [LOCAL, "http://localhost.:51842/callback", true, false],
    [LOCAL, "http://localhost.evil.example:51842/callback", true, false],
    [LOCAL, "http://localhost:51842.evil.example/callback", true, false],
    [LOCAL, "http://localhost:51842@evil.example/callback", true, false],
    [LOCAL, "http://evil.example@localhost:51842/callback", true, false],
    [LOCAL, "http://localhost%2eevil.example/callback", true, false],
    [LOCAL, "http://localhost:51842\\.evil.example/callback", true, false],
    [LOCAL, "http://evil.example/#http://localhost:51842/callback", true, false],
    [LOCAL, "http://127.0.0.1:3000/callback", true, false],
    [LOCAL, "http://[::1]:3000/callback", true, false],
    [V4, "http://127.0.0.1:51842/callback", true, true],
    [V4, "http://127.0.0.1:51842/callback", false, false],
    [V4, "http://127.1:51842/callback", true, false],
    [V4, "http://2130706433:51842/callback", true, false],
    [V4, "http://0x7f.1:51842/callback", true, false],
    [V4, "http://0177.0.0.1/callback", true, false],
    [V4, "http://127.0.0.1.:51842/callback", true, false],
    [V4, "http://127.0.0.2:3000/callback", true, false],
    [V4, "http://127x0x0x1:3000/callback", true, false],
    [V4, "http://0.0.0.0:3000/callback", true, false],
    [V4, "http://127.0.0.1.evil.example/callback", true, false],
    [V4, "http://[::ffff:127.0.0.1]:3000/callback", true, false],
    [V4, "http://localhost:3000/callback", true, false],
    [V6, "http://[::1]:51842/callback", true, true],
    [V6, "http://[::1]/callback", true, true],
    [V6, "http://[::1]:51842/callback", false, false],
    [V6, "http://[0:0:0:0:0:0:0:1]:51842/callback", true, false],
    [V6, "http://[::]:51842/callback", true, false],
    ["http://127.0.0.1/", "http://127.0.0.1:33418/", true, true],
    ["http://127.0.0.1", "http://127.0.0.1:33418", true, true],
    ["http://127.0.0.1:1", "http://127.0.0.1:12", true, true],
    ["http://127.0.0.1", "http://127.0.0.1:33418/", true, false],
    ["http://localhost/cb?x=1", "http://localhost:9/cb?x=1", true, true],
    ["http://localhost/cb?x=1", "http://localhost:9/cb", true, false],
    ["http://localhost/cb?", "http://localhost:9/cb", true, false],
  ])("registered %j, asked %j, native %s: %s", (registered, asked, native, matches) => {
    parseRedirectUri(registered);
    expect(matchesRedirect(asked, { redirectUris: [registered], native })).toBe(matches);
  });

  test("each of several redirects will do, and no mixture of two", () => {
    const client = {
      redirectUris: [SITE, "http://localhost:1/a", "http://127.0.0.1/b"],
      native: true,
    };
    expect(matchesRedirect(SITE, client)).toBe(true);
    expect(matchesRedirect("http://127.0.0.1:7/b", client)).toBe(true);
    expect(matchesRedirect("http://127.0.0.1:7/a", client)).toBe(false);
    expect(matchesRedirect("http://localhost:7/callback", client)).toBe(false);
    expect(matchesRedirect(SITE, { redirectUris: [], native: true })).toBe(false);
  });

  test("a redirect that could not be registered matches nothing, though it is among a client's", () => {
    const redirectUris = ["javascript:alert(1)", "cursor://x/cb", "http://app.example/cb"];
    for (const asked of redirectUris) {
      expect(matchesRedirect(asked, { redirectUris, native: true })).toBe(false);
    }
  });
});

const piece = fc.constantFrom(
  ...["http://", "https://", "http:", "//", "/", "\\", "@", ":", "?", "#", "%2f", "%2e", ".", ".."],
  ...["localhost", "127.0.0.1", "[::1]", "127.1", "evil.example", "app.example", "3000", "80"],
  ...["callback", "cb", "x=1", "&", "\t", "\n", " ", "ä", "。", "LOCALHOST", ";", "5", ":7"],
);
/** Hosts, ports, paths and separators put together wrongly. */
const pieces = fc.array(piece, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(""));
const redirect = fc.oneof(
  fc.constantFrom(SITE, LOCAL, V4, V6, "http://localhost", "https://app.example/cb?x=1"),
  pieces.map((text) => `http://localhost${text}`),
  pieces.map((text) => `https://app.example${text}`),
  pieces,
);
/** A redirect, and what is asked: the same, with another port, or with something put in or taken out anywhere. */
const pair = redirect.chain((registered) =>
  fc.tuple(
    fc.constant(registered),
    fc.oneof(
      redirect,
      fc
        .nat(70_000)
        .map((port) =>
          registered.replace(/^(http:..(?:localhost|127.0.0.1|.::1.))(?::\d+)?/, `$1:${port}`),
        ),
      fc
        .tuple(fc.nat(registered.length), fc.nat(2), fc.oneof(piece, fc.constant("")))
        .map(([at, out, text]) => registered.slice(0, at) + text + registered.slice(at + out)),
    ),
  ),
);

test("a match never goes elsewhere than to the redirect that was registered, but for a loopback port", async () => {
  const matches = { exact: 0, port: 0 };
  await fc.assert(
    fc.property(pair, fc.boolean(), ([registered, asked], native) => {
      if (!isTaken(registered)) return;
      if (!matchesRedirect(asked, { redirectUris: [registered], native })) return;
      const [from, to] = [new URL(registered), new URL(asked)];
      expect(to.href.replace(to.host, "")).toBe(from.href.replace(from.host, ""));
      expect(to.hostname).toBe(from.hostname);
      if (asked === registered) matches.exact += 1;
      else {
        matches.port += 1;
        expect([native, isLoopback(asked), isLoopback(registered)]).toEqual([true, true, true]);
      }
    }),
    { numRuns: 5_000 },
  );
  expect(matches.exact).toBeGreaterThan(30);
  expect(matches.port).toBeGreaterThan(30);
});

test("whatever is taken goes where it says: https to a name, or http to this machine", async () => {
  await fc.assert(
    fc.property(
      fc.oneof(
        redirect,
        fc.webUrl({ withFragments: true, withQueryParameters: true }),
        fc.string(),
      ),
      (text) => {
        if (!isTaken(text)) return;
        const { protocol, hostname, username, password, hash, href } = new URL(text);
        expect([text, `${text}/`]).toContain(href);
        expect(username + password + hash).toBe("");
        const local = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
        expect(protocol).toBe(local ? "http:" : "https:");
        expect(redirectHost(text).kind).toBe(local ? "this-computer" : "site");
      },
    ),
    { numRuns: 3_000 },
  );
});

test("a refusal is ASCII without quotes and backslashes, whatever was asked", async () => {
  await fc.assert(
    fc.property(
      fc.oneof(
        redirect,
        fc.string({ unit: "binary" }),
        fc.string().map((text) => `https://a.example/${text}`),
      ),
      (text) => {
        if (isTaken(text)) return;
        expect((refusalOf(text) as Error).message).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
      },
    ),
    { numRuns: 3_000 },
  );
});

test("the host is shown with its port, in ASCII, and the user's machine as such", () => {
  expect(redirectHost("https://app.example/cb")).toEqual({ kind: "site", host: "app.example" });
  expect(redirectHost("https://app.example:8443/cb")).toEqual({
    kind: "site",
    host: "app.example:8443",
  });
  expect(redirectHost("https://xn--pple-43d.example/")).toEqual({
    kind: "site",
    host: "xn--pple-43d.example",
  });
  expect(redirectHost(LOCAL)).toEqual({ kind: "this-computer", host: "localhost:3000" });
  expect(redirectHost("http://[::1]/x")).toEqual({ kind: "this-computer", host: "[::1]" });
});

function refusalOf(uri: string): unknown {
  try {
    return `${parseRedirectUri(uri)} was taken.`;
  } catch (cause) {
    return cause;
  }
}

function isTaken(uri: string): boolean {
  return !(refusalOf(uri) instanceof RefusedError);
}
