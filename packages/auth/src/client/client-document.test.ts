import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Client } from "./client.ts";
import { parseClientDocument } from "./client-document.ts";

const URL_OF_IT = "https://app.example.com/client.json";
const DOCUMENT = {
  client_id: URL_OF_IT,
  client_name: "Example",
  redirect_uris: ["https://app.example.com/callback"],
};

const parseText = (text: string | Uint8Array) =>
  parseClientDocument(URL_OF_IT, typeof text === "string" ? new TextEncoder().encode(text) : text);
const parse = (changes: object) => parseText(JSON.stringify({ ...DOCUMENT, ...changes }));

test("a document becomes a client; what isn't known is passed over", () => {
  expect(
    parse({
      client_name: "Example\u202e MCP\nClient",
      redirect_uris: [
        "http://127.0.0.1:3000/callback",
        "https://app.example.com/callback",
        "http://127.0.0.1:3000/callback",
      ],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "none",
      logo_uri: "http://169.254.169.254/logo.png",
      jwks_uri: "file:///etc/passwd",
      ["__proto__"]: { native: true },
      x: { y: [1] },
    }),
  ).toEqual({
    id: "https://app.example.com/client.json",
    kind: "document",
    name: "Example MCP Client",
    redirectUris: ["http://127.0.0.1:3000/callback", "https://app.example.com/callback"],
    native: false,
  });
});

describe("which clients are native", () => {
  const loopbacks = ["http://localhost:1/a", "http://127.0.0.1/a", "http://[::1]:2/a"];
  test.each([
    [{ redirect_uris: loopbacks }, true],
    [{ redirect_uris: [...loopbacks, "https://app.example.com/a"] }, false],
    [{ redirect_uris: ["https://localhost.example.com/a"] }, false],
    [{ redirect_uris: [...loopbacks, "https://app.example.com/http://localhost/"] }, false],
    [{ redirect_uris: loopbacks, application_type: "web" }, false],
    [{ application_type: "native" }, true],
  ])("%j: %j", (changes, native) => {
    expect(parse(changes).native).toBe(native);
  });
});

test("a redirect that can't be used here is left out, as another server may use it", () => {
  const redirect_uris = [
    "javascript:alert(1)",
    "cursor://callback",
    "http://app.example.com/a",
    "http://127.0.0.1@example.com/a",
    "https://app.example.com/a",
  ];
  expect(parse({ redirect_uris }).redirectUris).toEqual(["https://app.example.com/a"]);
});

describe("a document is refused", () => {
  test.each<[why: string, changes: object]>([
    ["its client_id is not its own URL", { client_id: "https://app.example.com/client" }],
    ["its client_id is not its own URL", { client_id: "https://app.example.com/client.json?" }],
    ["its client_id is not its own URL", { client_id: "https://APP.example.com/client.json" }],
    ["its client_id is not its own URL", { client_id: `${URL_OF_IT} ` }],
    ["client_id can't be taken", { client_id: undefined }],
    ["client_id can't be taken", { client_id: [URL_OF_IT] }],
    ["client_name can't be taken", { client_name: undefined }],
    ["client_name can't be taken", { client_name: 7 }],
    ["its client_name has nothing to show", { client_name: "\u202e \u200b" }],
    ["redirect_uris can't be taken", { redirect_uris: undefined }],
    ["redirect_uris can't be taken", { redirect_uris: [] }],
    ["redirect_uris can't be taken", { redirect_uris: "https://app.example.com/callback" }],
    ["redirect_uris.1 can't be taken", { redirect_uris: ["https://a.example/", null] }],
    ["redirect_uris can't be taken", { redirect_uris: Array(21).fill("https://a.example/") }],
    ["none of its redirect_uris can be used here", { redirect_uris: ["javascript:alert(1)"] }],
    ["application_type can't be taken", { application_type: "desktop" }],
    ...[
      "client_secret_basic",
      "client_secret_post",
      "client_secret_jwt",
      "private_key_jwt",
      "",
      null,
    ].map((method): [string, object] => [
      "token_endpoint_auth_method can't be taken",
      { token_endpoint_auth_method: method },
    ]),
    ["client_secret can't be taken", { client_secret: "x" }],
    ["client_secret_expires_at can't be taken", { client_secret_expires_at: 0 }],
  ])("%s: %j", (why, changes) => {
    const refusal = { code: "invalid_input", message: expect.stringContaining(why) };
    expect(() => parse(changes)).toThrow(expect.objectContaining(refusal));
  });

  test.each<[string, string | Uint8Array]>([
    ["nothing", ""],
    ["a page", "<!doctype html>"],
    ["half of it", '{"client_id": "https://app.ex'],
    ["JSON with a comment", `${JSON.stringify(DOCUMENT)} // x`],
    ["two documents", `${JSON.stringify(DOCUMENT)}${JSON.stringify(DOCUMENT)}`],
    ["other bytes than UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["UTF-16", new Uint8Array(Buffer.from(JSON.stringify(DOCUMENT), "utf16le"))],
    ["null", "null"],
    ["a list", JSON.stringify([DOCUMENT])],
    ["a text", JSON.stringify(URL_OF_IT)],
    ["nesting of 2,500 levels", `${"[".repeat(2500)}${"]".repeat(2500)}`],
  ])("%s", (_, body) => {
    expect(() => parseText(body)).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("whatever comes", () => {
  function clientOf(text: string | Uint8Array): Client | undefined {
    try {
      return parseText(text);
    } catch (cause) {
      expect(cause).toMatchObject({ name: "RefusedError", code: "invalid_input" });
      return undefined;
    }
  }

  test("bytes are refused", async () => {
    await fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json()), (text) => {
        expect(clientOf(text)).toBeUndefined();
      }),
    );
  });

  test("a client has redirects that can be used, a name to show, and its own id", async () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("https://a.example/b", "http://localhost/", "javascript:x", "https://a@b.c/"),
    );
    const changes = fc.record(
      {
        client_id: fc.oneof({ weight: 9, arbitrary: fc.constant(URL_OF_IT) }, text),
        client_name: text,
        redirect_uris: fc.array(text, { maxLength: 22 }),
        application_type: fc.constantFrom("native", "web", "x"),
        token_endpoint_auth_method: fc.constantFrom("none", "none", "client_secret_post"),
        x: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    let clients = 0;
    await fc.assert(
      fc.property(changes, (some) => {
        const client = clientOf(JSON.stringify({ ...DOCUMENT, ...some }));
        if (!client) return;
        clients += 1;
        expect(client.id).toBe("https://app.example.com/client.json");
        expect(client.redirectUris.length).toBeGreaterThan(0);
        for (const redirect of client.redirectUris) expect(redirect).toMatch(/^https?:\/\/[a-z]/);
        expect(client.name).toMatch(/^[^\p{Cc}\p{Cf}]{1,200}$/u);
      }),
      { numRuns: 500 },
    );
    expect(clients).toBeGreaterThan(0);
  });
});
