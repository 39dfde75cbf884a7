import type { APIGatewayProxyEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { toRequest } from "./rest-event.ts";

function event(fields: Partial<APIGatewayProxyEvent>): APIGatewayProxyEvent {
  return {
    httpMethod: "POST",
    path: "/mcp",
    multiValueHeaders: {},
    multiValueQueryStringParameters: null,
    body: null,
    isBase64Encoded: false,
    ...fields,
  } as APIGatewayProxyEvent;
}

test("the request has the public address, all header values and the query", async () => {
  const request = toRequest(
    event({
      multiValueHeaders: {
        Accept: ["application/json", "text/event-stream"],
        Host: ["x.execute-api"],
        "content-length": ["2"],
      },
      multiValueQueryStringParameters: { a: ["1", "2"] },
      body: "{}",
    }),
    "https://zenode.example",
  );
  expect(request.url).toBe("https://zenode.example/mcp?a=1&a=2");
  expect(request.method).toBe("POST");
  expect(request.headers.get("accept")).toBe("application/json, text/event-stream");
  expect(request.headers.get("host")).toBeNull();
  expect(await request.text()).toBe("{}");
});

test("a base64 body is decoded; a GET has none", async () => {
  const encoded = toRequest(
    event({ body: Buffer.from("é").toString("base64"), isBase64Encoded: true }),
    "https://z.example",
  );
  expect(await encoded.text()).toBe("é");
  expect(toRequest(event({ httpMethod: "GET", body: "x" }), "https://z.example").body).toBeNull();
});

test.each(["//other.example/mcp", "/mcp/../x", "/\\\\other.example"])(
  "the path %s stays on our host",
  (path) => {
    expect(new URL(toRequest(event({ path }), "https://z.example").url).host).toBe("z.example");
  },
);
