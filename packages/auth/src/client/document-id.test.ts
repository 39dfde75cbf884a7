import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDocumentId } from "./document-id.ts";

const parse = (text: string, loopback = false) => parseDocumentId(text, { loopback });

test.each([
  "https://app.example.com/client.json",
  "https://claude.ai/oauth/claude-code-client-metadata",
  "https://vscode.dev/oauth/client-metadata.json",
  "https://app.example.com:8443/a/b/",
  "https://a-1.b--c.example/~me/(x)@2:3;v=1,2",
  "https://xn--bcher-kva.example/client",
  "https://1.1.1.one/client",
  `https://app.example.com/${"x".repeat(2024)}`,
])("%s may be asked for a document", (id) => {
  expect(parse(id).href).toBe(id);
});

/** Each with a word of why. */
const REFUSED: readonly (readonly [id: string, why: string])[] = [
  // Not the form of an address.
  ["", "no URL"],
  ["zenode", "no URL"],
  ["app.example.com/client", "no URL"],
  ["//app.example.com/client", "no URL"],
  ["https:app.example.com/client", "normal form"],
  ["https:/app.example.com/client", "normal form"],
  ["https:///app.example.com/client", "normal form"],
  ["https://", "no URL"],
  ["https:///client", "normal form"],
  [`https://app.example.com/${"x".repeat(2025)}`, "2,048"],
  // Other schemes.
  ["http://app.example.com/client", "not https"],
  ["ftp://app.example.com/client", "not https"],
  ["file:///etc/passwd", "not https"],
  ["data:application/json,{}", "not https"],
  ["javascript:alert(1)", "not https"],
  ["gopher://app.example.com/client", "not https"],
  ["wss://app.example.com/client", "not https"],
  ["blob:https://app.example.com/client", "not https"],
  ["HTTPS://app.example.com/client", "normal form"],
  // Paths.
  ["https://app.example.com", "normal form"],
  ["https://app.example.com/", "path"],
  ["https://app.example.com/a/../b", "normal form"],
  ["https://app.example.com/./b", "normal form"],
  ["https://app.example.com/a/..", "normal form"],
  ["https://app.example.com/a/%2e%2e/b", "normal form"],
  ["https://app.example.com/a/.%2E/b", "normal form"],
  ["https://app.example.com/a/%2e", "normal form"],
  ["https://app.example.com/a/..%2fb", "unescaped"],
  ["https://app.example.com/a/%252e%252e/b", "unescaped"],
  ["https://app.example.com/a%5c..%5cb", "unescaped"],
  ["https://app.example.com/%61", "unescaped"],
  ["https://app.example.com/a%00b", "unescaped"],
  ["https://app.example.com/a%0d%0ahost:b", "unescaped"],
  ["https://app.example.com/a%", "unescaped"],
  ["https://app.example.com/größe", "normal form"],
  ["https://app.example.com/a|b", "unescaped"],
  ["https://app.example.com/a\\b", "normal form"],
  ["https:\\\\app.example.com\\a", "normal form"],
  // Queries and fragments.
  ["https://app.example.com/client?x=1", "query"],
  ["https://app.example.com/client?", "query"],
  ["https://app.example.com/client#", "fragment"],
  ["https://app.example.com/client#x", "fragment"],
  // Users.
  ["https://user@app.example.com/client", "user"],
  ["https://user:password@app.example.com/client", "user"],
  ["https://:password@app.example.com/client", "user"],
  ["https://@app.example.com/client", "normal form"],
  ["https://app.example.com@169.254.169.254/client", "user"],
  ["https://app.example.com:443@evil.example/client", "user"],
  ["https://evil.example\\@app.example.com/client", "normal form"],
  ["https://evil.example%40app.example.com/client", "no URL"],
  // Characters that parsers drop or turn into others.
  [" https://app.example.com/client", "normal form"],
  ["https://app.example.com/client\n", "normal form"],
  ["https://app.exa\tmple.com/client", "normal form"],
  ["ht\ttps://app.example.com/client", "normal form"],
  ["https://app.example.com/cli\u0000ent", "normal form"],
  ["https://APP.example.com/client", "normal form"],
  ["https://app。example。com/client", "normal form"],
  ["https://app．example.com/client", "normal form"],
  ["https://bücher.example/client", "normal form"],
  ["https://аpp.example.com/client", "normal form"],
  ["https://app.ex\u00adample.com/client", "normal form"],
  ["https://xn--/client", "public name"],
  ["https://xn--app-.example\u200b.com/client", "no URL"],
  // IPv4 in all spellings.
  ["https://127.0.0.1/client", "public name"],
  ["https://8.8.8.8/client", "public name"],
  ["https://169.254.169.254/latest/meta-data", "public name"],
  ["https://100.100.100.200/latest/meta-data", "public name"],
  ["https://0.0.0.0/client", "public name"],
  ["https://0/client", "normal form"],
  ["https://2130706433/client", "normal form"],
  ["https://0x7f000001/client", "normal form"],
  ["https://0x7f.0.0.1/client", "normal form"],
  ["https://0177.0.0.1/client", "normal form"],
  ["https://017700000001/client", "normal form"],
  ["https://127.1/client", "normal form"],
  ["https://127.0.0.1./client", "normal form"],
  ["https://１２７.0.0.1/client", "normal form"],
  ["https://①②⑦.0.0.1/client", "normal form"],
  ["https://127。0。0。1/client", "normal form"],
  ["https://%31%32%37.0.0.1/client", "normal form"],
  ["https://256.0.0.1/client", "no URL"],
  ["https://1.2.3.4.5/client", "no URL"],
  ["https://app.example.0x7f/client", "no URL"],
  // IPv6.
  ["https://[::1]/client", "public name"],
  ["https://[::]/client", "public name"],
  ["https://[::ffff:127.0.0.1]/client", "normal form"],
  ["https://[::ffff:7f00:1]/client", "public name"],
  ["https://[::7f00:1]/client", "public name"],
  ["https://[64:ff9b::a9fe:a9fe]/client", "public name"],
  ["https://[2002:7f00:1::]/client", "public name"],
  ["https://[fd00:ec2::254]/client", "public name"],
  ["https://[fe80::1]/client", "public name"],
  ["https://[fe80::1%25eth0]/client", "no URL"],
  ["https://[fe80::1%eth0]/client", "no URL"],
  ["https://[2606:4700::1111]/client", "public name"],
  ["https://[0:0:0:0:0:0:0:1]/client", "normal form"],
  // Names that are nobody's.
  ["https://localhost/client", "public name"],
  ["https://localhost./client", "public name"],
  ["https://LOCALHOST/client", "normal form"],
  ["https://app.localhost/client", "public name"],
  ["https://printer.local/client", "public name"],
  ["https://metadata.google.internal/client", "public name"],
  ["https://1.0.0.127.in-addr.arpa/client", "public name"],
  ["https://intranet/client", "public name"],
  ["https://app.example.com./client", "public name"],
  ["https://app..example.com/client", "public name"],
  ["https://.example.com/client", "public name"],
  ["https://-app.example.com/client", "public name"],
  ["https://app-.example.com/client", "public name"],
  ["https://*.example.com/client", "public name"],
  ["https://a,b.example.com/client", "public name"],
  ["https://a_b.example.com/client", "public name"],
  [`https://${"a".repeat(64)}.example.com/client`, "public name"],
  [`https://${"a.".repeat(126)}example/client`, "public name"],
  // Ports.
  ["https://app.example.com:443/client", "normal form"],
  ["https://app.example.com:/client", "normal form"],
  ["https://app.example.com:08443/client", "normal form"],
  ["https://app.example.com:0/client", "port"],
  ["https://app.example.com:22/client", "port"],
  ["https://app.example.com:25/client", "port"],
  ["https://app.example.com:80/client", "port"],
  ["https://app.example.com:465/client", "port"],
  ["https://app.example.com:1023/client", "port"],
  ["https://app.example.com:65536/client", "no URL"],
];

test.each(REFUSED)("%j is refused", (id, why) => {
  const text = new RegExp(`not the URL of a metadata document: .*${why}`);
  const refusal = { code: "invalid_input", message: expect.stringMatching(text) };
  expect(() => parse(id)).toThrow(expect.objectContaining(refusal));
});

describe("where a setting lets the own machine in", () => {
  test.each(["http://127.0.0.1:8080/client", "https://127.0.0.1:8443/client"])(
    "%s may be asked",
    (id) => {
      expect(parse(id, true).href).toBe(id);
    },
  );

  test.each([
    "http://127.0.0.2/client",
    "http://127.1/client",
    "http://localhost/client",
    "http://[::1]/client",
    "http://10.0.0.1/client",
    "http://app.example.com/client",
    "ftp://127.0.0.1/client",
    "http://user@127.0.0.1/client",
    "http://127.0.0.1/client?x",
    "http://127.0.0.1/",
  ])("%s may not", (id) => {
    expect(() => parse(id, true)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});

test("whatever is taken is https at a name, and comes back as it was given", async () => {
  const part = fc.oneof(
    fc.constantFrom(
      "https://",
      "app.example.com",
      "/",
      "..",
      "@",
      ":",
      "%2e",
      "?",
      "#",
      "\\",
      "。",
    ),
    fc.string({ maxLength: 6 }),
  );
  const text = fc
    .array(part, { maxLength: 8 })
    .map((parts) => `https://a.example${parts.join("")}`);
  let taken = 0;
  await fc.assert(
    fc.property(text, (id) => {
      let url: URL;
      try {
        url = parse(id);
      } catch (cause) {
        expect(cause).toMatchObject({ name: "RefusedError", code: "invalid_input" });
        return;
      }
      taken += 1;
      expect(url.href).toBe(id);
      expect(id).toMatch(
        /^https:\/\/[a-z0-9.-]+\.[a-z][a-z0-9-]*(:\d{4,5})?\/[^\s?#%\\@]*[^?#%\\\s]*$/,
      );
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(0);
});
