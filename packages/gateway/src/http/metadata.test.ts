import { expect, test } from "vitest";
import { answerMetadata } from "./metadata.ts";

const settings = { publicUrl: "https://z.example", issuer: "https://issuer.example/pool" };

test.each(["/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource"])(
  "%s describes the MCP endpoint [resource-metadata]",
  (path) => {
    const { statusCode, body } = answerMetadata({ method: "GET", path }, settings);
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      resource: "https://z.example/mcp",
      authorization_servers: ["https://issuer.example/pool"],
      scopes_supported: ["zenode/read", "zenode/write"],
    });
  },
);

test("other documents do not exist [resource-unknown-documents]", () => {
  expect(
    answerMetadata({ method: "GET", path: "/.well-known/openid-configuration" }, settings)
      .statusCode,
  ).toBe(404);
});

test("a preflight allows what MCP clients send", () => {
  const { statusCode, headers } = answerMetadata(
    { method: "OPTIONS", path: "/mcp", askedHeaders: "mcp-param-region, x-evil, mcp-param-" },
    settings,
  );
  expect(statusCode).toBe(204);
  expect(headers["access-control-allow-headers"]).toContain("Mcp-Session-Id");
  expect(headers["access-control-allow-headers"]).toMatch(/, Mcp-Name, mcp-param-region$/);
  expect(headers["access-control-expose-headers"]).toContain("WWW-Authenticate");
});
