import { execFile } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import {
  createServer,
  get,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from "node:net";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { DocumentClients } from "@zenode/auth";
import { MemoryDocumentCache } from "@zenode/auth/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { NodeDocumentFetcher } from "./document-fetcher-node.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const MAX_BYTES = 5 * 1024;
/** So long that a busy machine does not meet it. */
const PATIENT = { headersMs: 40_000, totalMs: 40_000 };
const JSON_TYPE = { "content-type": "application/json" };

interface Host extends AsyncDisposable {
  readonly port: number;
  readonly url: URL;
  /** Connections so far. */
  readonly connections: () => number;
  /** Resolves when the newest connection is closed. */
  readonly closed: () => Promise<unknown>;
}

async function listen(server: Server, address = "127.0.0.1", port = 0): Promise<Host> {
  const sockets: Socket[] = [];
  const closings: Promise<unknown>[] = [];
  server.on("connection", (socket: Socket) => {
    sockets.push(socket);
    closings.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.on("error", () => undefined);
  });
  server.listen(port, address);
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  return {
    port: taken,
    url: new URL(`http://${address}:${taken}/client.json`),
    connections: () => sockets.length,
    closed: () => closings.at(-1) ?? Promise.reject(new Error("Nobody came.")),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const serve = (answer: Answer) => listen(createServer(answer));
/** Says these bytes to whatever is asked, and leaves the connection open. */
const say = (text: string) =>
  listen(createTcpServer((socket) => socket.once("data", () => socket.write(text))));

const fetchFrom = (url: URL, options: Partial<typeof PATIENT> = {}) =>
  new NodeDocumentFetcher({ loopback: true, ...PATIENT, ...options }).fetch(url, MAX_BYTES);

const refusal = (why: string) => ({
  name: "RefusedError",
  code: "invalid_input",
  message: expect.stringContaining(why),
});
const UNAVAILABLE = {
  name: "RefusedError",
  code: "unavailable",
  message: expect.stringContaining("did not answer as it should"),
};

describe("a document", () => {
  test("comes with what is said of caches, over one GET that tells nothing of us", async () => {
    const asked: {
      method?: string | undefined;
      url?: string | undefined;
      headers: IncomingHttpHeaders;
    }[] = [];
    await using host = await serve(({ method, url, headers }, response) => {
      asked.push({ method, url, headers });
      const cookie = { "set-cookie": "a=b", "cache-control": "max-age=600" };
      response.writeHead(200, { ...JSON_TYPE, ...cookie }).end('{"größe": 1}');
    });
    for (let round = 0; round < 2; round++) {
      expect(await fetchFrom(host.url)).toEqual({
        bytes: new TextEncoder().encode('{"größe": 1}'),
        cacheControl: "max-age=600",
      });
    }
    const request = {
      method: "GET",
      url: "/client.json",
      headers: {
        accept: "application/json",
        "accept-encoding": "identity",
        "user-agent": "zenode",
        host: `127.0.0.1:${host.port}`,
        connection: "close",
      },
    };
    expect(asked).toEqual([request, request]);
    expect(host.connections()).toBe(2);
  });

  test.each([
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json ;x",
    "application/oauth-client+json",
  ])("may be of the type %s", async (type) => {
    await using host = await serve((_, response) => {
      response.writeHead(200, { "content-type": type, "content-encoding": "Identity" }).end("{}");
    });
    expect((await fetchFrom(host.url)).bytes).toEqual(Uint8Array.of(0x7b, 0x7d));
  });

  test("may have 5 KiB to the byte, and not one more", async () => {
    let size = MAX_BYTES;
    await using host = await serve((_, response) => {
      response.writeHead(200, JSON_TYPE).end("x".repeat(size));
    });
    expect((await fetchFrom(host.url)).bytes.length).toBe(5120);
    size += 1;
    await expect(fetchFrom(host.url)).rejects.toMatchObject(refusal("larger than 5 KiB"));
  });
});

test("a proxy of the environment's is not asked", async () => {
  const asked: (string | undefined)[] = [];
  const ok: Answer = ({ url }, response) => {
    asked.push(url);
    response.writeHead(200, JSON_TYPE).end("{}");
  };
  await using host = await serve(ok);
  await using proxy = await serve(ok);
  const module = new URL("document-fetcher-node.ts", import.meta.url);
  // The second request is one that Node's own agent makes: the proxy would be asked.
  const script = `
    const { NodeDocumentFetcher } = await import(${JSON.stringify(module)});
    const url = new URL(${JSON.stringify(host.url)});
    await new NodeDocumentFetcher({ loopback: true, ...${JSON.stringify(PATIENT)} }).fetch(url, 99);
    (await import("node:http")).get(url, (answer) => answer.resume());
  `;
  const HTTP_PROXY = proxy.url.origin;
  const env = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY, HTTPS_PROXY: HTTP_PROXY };
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
  expect(asked).toEqual(["/client.json", host.url.href]);
  expect([host.connections(), proxy.connections()]).toEqual([1, 1]);
});

describe("what is no document", () => {
  test.each([301, 302, 303, 304, 307, 308])("status %d is not followed", async (status) => {
    await using trap = await serve((_, response) => response.writeHead(200, JSON_TYPE).end("{}"));
    await using host = await serve((_, response) => {
      response.writeHead(status, { ...JSON_TYPE, location: trap.url.href }).end();
    });
    await expect(fetchFrom(host.url)).rejects.toMatchObject(refusal("redirects"));
    expect([host.connections(), trap.connections()]).toEqual([1, 0]);
  });

  test.each([201, 204, 206, 401, 403, 404, 410, 429, 500, 503])(
    "status %d is an error, whatever comes with it",
    async (status) => {
      await using host = await serve((_, response) =>
        response.writeHead(status, JSON_TYPE).end(status === 204 ? undefined : "{}"),
      );
      await expect(fetchFrom(host.url)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining(`answered ${status}`),
      });
    },
  );

  test.each([
    undefined,
    "",
    "text/html",
    "text/json",
    "text/plain; x=application/json",
    "application/jsonp",
    "application/json-seq",
    "application/javascript",
    "application/xhtml+xml, application/json",
  ])("the content type %s", async (type) => {
    await using host = await serve((_, response) => {
      response.writeHead(200, type === undefined ? {} : { "content-type": type }).end("{}");
    });
    await expect(fetchFrom(host.url)).rejects.toMatchObject(refusal("not application/json"));
  });

  test.each(["gzip", "br", "deflate", "zstd", "identity, gzip", "x"])(
    "the content encoding %s",
    async (encoding) => {
      await using host = await serve((_, response) => {
        response.writeHead(200, { ...JSON_TYPE, "content-encoding": encoding });
        response.end(gzipSync("x".repeat(1_000_000)));
      });
      await expect(fetchFrom(host.url)).rejects.toMatchObject(refusal("compressed"));
    },
  );

  test("a body without an end is left at once, and its connection closed", async () => {
    await using host = await serve((_, response) => {
      response.writeHead(200, JSON_TYPE);
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(1_000)));
      };
      response.on("drain", more);
      more();
    });
    await expect(fetchFrom(host.url)).rejects.toMatchObject(refusal("larger than 5 KiB"));
    await host.closed();
  });

  test("an answer that its headers rule out is not read, and its connection closed", async () => {
    await using host = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).write("x");
    });
    await expect(fetchFrom(host.url)).rejects.toMatchObject(refusal("not application/json"));
    await host.closed();
  });

  test("a length that is a lie changes nothing", async () => {
    await using long = await say(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n${"x".repeat(6_000)}`,
    );
    await expect(fetchFrom(long.url)).rejects.toMatchObject(refusal("larger than 5 KiB"));
    await long.closed();
    await using short = await say(
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n\r\n",
    );
    expect((await fetchFrom(short.url)).bytes).toEqual(Uint8Array.of(0x7b, 0x7d));
    await short.closed();
  });

  test.each<[string, string]>([
    ["another protocol", "220 mail.example.com ESMTP\r\n"],
    ["headers without end", `HTTP/1.1 200 OK\r\n${"x-pad: xxxxxxxxxxxxxxxx\r\n".repeat(500)}`],
    ["one header of 9,000 characters", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(9_000)}`],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} "],
    [
      "a length and chunks",
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
    ["a line folded", "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n application/json\r\n\r\n{}"],
    [
      "bare line feeds in a chunk",
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\n{}\n0\n\n",
    ],
    ["early hints", "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n".repeat(3)],
    [
      "another protocol instead",
      "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
    ],
    [
      "a chunk of no length",
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
    ],
  ])("%s", async (_, said) => {
    await using host = await say(said);
    await expect(fetchFrom(host.url)).rejects.toMatchObject(UNAVAILABLE);
    await host.closed();
  });

  test("an answer that breaks off", async () => {
    await using host = await serve((_, response) => {
      response.writeHead(200, { ...JSON_TYPE, "content-length": 100 });
      response.write("{", () => response.destroy());
    });
    await expect(fetchFrom(host.url)).rejects.toMatchObject(UNAVAILABLE);
  });

  test("a host where nobody listens", async () => {
    const host = await serve((_, response) => response.end());
    await host[Symbol.asyncDispose]();
    await expect(fetchFrom(host.url)).rejects.toMatchObject(UNAVAILABLE);
  });
});

describe("time", () => {
  const inTime = (loopback = true, resolve?: () => Promise<readonly string[]>) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    return new NodeDocumentFetcher({ loopback, resolve });
  };

  test("a name is looked up for three seconds at most", async () => {
    const fetcher = inTime(false, () => new Promise(() => undefined));
    let ended = false;
    const answer = fetcher.fetch(new URL("https://app.example.com/x"), MAX_BYTES).finally(() => {
      ended = true;
    });
    const refused = expect(answer).rejects.toMatchObject(UNAVAILABLE);
    await vi.advanceTimersByTimeAsync(2_999);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
    expect(vi.getTimerCount()).toBe(0);
  });

  test("headers are waited for three seconds at most, however they drip", async () => {
    const dripping = createTcpServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-type: app");
      const drip = setInterval(() => socket.write("x"), 5);
      socket.on("close", () => clearInterval(drip));
    });
    await using host = await listen(dripping);
    const answer = inTime().fetch(host.url, MAX_BYTES);
    const refused = expect(answer).rejects.toMatchObject(UNAVAILABLE);
    while (host.connections() === 0) await setImmediate();
    await vi.advanceTimersByTimeAsync(3_000);
    await refused;
    await host.closed();
  });

  test("a body is waited for until five seconds have passed", async () => {
    const open: ServerResponse[] = [];
    await using host = await serve((_, response) => {
      open.push(response);
      response.writeHead(200, JSON_TYPE).write("{");
    });
    const fetcher = inTime();
    const inTheEnd = fetcher.fetch(host.url, MAX_BYTES);
    // One of the two clocks stops as soon as the headers are there.
    while (vi.getTimerCount() !== 1) await setImmediate();
    await vi.advanceTimersByTimeAsync(4_999);
    open[0]?.end("}");
    expect((await inTheEnd).bytes.length).toBe(2);
    const never = fetcher.fetch(host.url, MAX_BYTES);
    const refused = expect(never).rejects.toMatchObject(UNAVAILABLE);
    while (vi.getTimerCount() !== 1) await setImmediate();
    open[1]?.write(" ");
    await vi.advanceTimersByTimeAsync(5_000);
    await refused;
    await host.closed();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a name", () => {
  const NAME = "app.example.com";
  const named = (port: number) => new URL(`https://${NAME}:${port}/client.json`);
  /** Looks like one host to the first who asks, like another to all others. */
  function rebinding(first: readonly string[], then: readonly string[]) {
    const asked: string[] = [];
    const resolve = async (host: string) => {
      asked.push(host);
      return asked.length === 1 ? first : then;
    };
    return { asked, resolve };
  }
  const serveTls = (answer: Answer, names: string[] = [], address = "127.0.0.1", port = 0) =>
    listen(
      createTlsServer(
        {
          key: KEY,
          cert: CERTIFICATE,
          SNICallback: (name, done) => {
            names.push(name);
            done(null);
          },
        },
        answer,
      ),
      address,
      port,
    );
  const ok: Answer = (_, response) => response.writeHead(200, JSON_TYPE).end("{}");

  test("is looked up once: the connection goes where the check looked, with the name's certificate", async () => {
    const names: string[] = [];
    const hosts: (string | undefined)[] = [];
    await using host = await serveTls((request, response) => {
      hosts.push(request.headers.host);
      ok(request, response);
    }, names);
    await using trap = await serveTls(ok, [], "127.0.0.2", host.port);
    const { asked, resolve } = rebinding(["127.0.0.1"], ["127.0.0.2"]);
    const lookUp = vi.spyOn(dns, "lookup");
    const fetcher = new NodeDocumentFetcher({
      loopback: true,
      resolve,
      authorities: CERTIFICATE,
      ...PATIENT,
    });
    expect((await fetcher.fetch(named(host.port), MAX_BYTES)).bytes.length).toBe(2);
    expect(asked).toEqual(["app.example.com"]);
    expect(names).toEqual(["app.example.com"]);
    expect(hosts).toEqual([`app.example.com:${host.port}`]);
    expect(trap.connections()).toBe(0);
    expect(lookUp).not.toHaveBeenCalled();
    // This is how a second look-up would have been seen.
    await once(get(`http://localhost:${host.port}/`), "error");
    expect(lookUp).toHaveBeenCalled();
  });

  test.each([
    [["127.0.0.1"]],
    [["140.82.121.4", "127.0.0.1"]],
    [["127.0.0.1", "140.82.121.4"]],
    [["::ffff:127.0.0.1"]],
    [["0.0.0.0"]],
  ])("at %j is not asked", async (addresses) => {
    await using host = await serveTls(ok);
    const { resolve } = rebinding(addresses, ["140.82.121.4"]);
    const fetcher = new NodeDocumentFetcher({ loopback: false, resolve, ...PATIENT });
    const answer = fetcher.fetch(named(host.port), MAX_BYTES);
    await expect(answer).rejects.toMatchObject(refusal("public internet"));
    expect(host.connections()).toBe(0);
  });

  const asking = (url: URL, authorities?: string) => {
    const resolve = async () => ["127.0.0.1"];
    const trust = authorities === undefined ? {} : { authorities };
    const fetcher = new NodeDocumentFetcher({ loopback: true, resolve, ...trust, ...PATIENT });
    return fetcher.fetch(url, MAX_BYTES);
  };

  test("with a certificate of its own making is not believed, even where the environment would", async () => {
    let requests = 0;
    await using host = await serveTls(() => requests++);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    await expect(asking(named(host.port))).rejects.toMatchObject({
      ...UNAVAILABLE,
      cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
    expect([host.connections(), requests]).toEqual([1, 0]);
  });

  test("with a trusted certificate of another name is not believed", async () => {
    let requests = 0;
    await using host = await serveTls(() => requests++);
    const url = new URL(`https://other.example.com:${host.port}/client.json`);
    await expect(asking(url, CERTIFICATE)).rejects.toMatchObject({
      ...UNAVAILABLE,
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
    const address = new URL(`https://127.0.0.1:${host.port}/client.json`);
    await expect(asking(address, CERTIFICATE)).rejects.toMatchObject({
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
    expect(requests).toBe(0);
  });

  test("where no TLS is spoken is given nothing", async () => {
    await using host = await serve(ok);
    await expect(asking(named(host.port), CERTIFICATE)).rejects.toMatchObject(UNAVAILABLE);
  });

  test("with several addresses is asked at one that answers", async () => {
    await using host = await serveTls(ok);
    const resolve = async () => ["127.0.0.1", "127.0.0.1"];
    const options = { loopback: true, resolve, authorities: CERTIFICATE, ...PATIENT };
    const { bytes } = await new NodeDocumentFetcher(options).fetch(named(host.port), MAX_BYTES);
    expect(bytes.length).toBe(2);
  });
});

describe("a client, by its document", () => {
  /** What is found of a client whose document is `body`; `changes` to a good one otherwise. */
  async function find(changes: object, body?: string) {
    let id = "";
    await using host = await serve((_, response) => {
      const document = {
        client_id: id,
        client_name: "Example",
        redirect_uris: ["http://127.0.0.1/callback"],
        ...changes,
      };
      response.writeHead(200, JSON_TYPE).end(body ?? JSON.stringify(document));
    });
    id = host.url.href;
    const clients = new DocumentClients({
      fetcher: new NodeDocumentFetcher({ loopback: true, ...PATIENT }),
      cache: new MemoryDocumentCache(),
      clock: Date,
      logger: { info: () => undefined, error: (message) => expect.unreachable(message) },
      loopback: true,
    });
    const found = [await clients.find(id), await clients.find(id).catch(({ code }) => code)];
    return { id, found, connections: host.connections() };
  }

  test("is found, and its host asked once", async () => {
    const { id, found, connections } = await find({});
    const client = {
      id,
      kind: "document",
      name: "Example",
      redirectUris: ["http://127.0.0.1/callback"],
      native: true,
    };
    expect(found).toEqual([client, client]);
    expect(connections).toBe(1);
  });

  test.each([
    ["another one's document", { client_id: "https://app.example.com/client.json" }],
    ["a document that is no JSON", {}, "{"],
    ["a document with a secret", { client_secret: "x" }],
    ["a document of 6 KB", { software_statement: "x".repeat(6_000) }],
  ])("%s is nobody's, and its host is asked once", async (_, changes, body?: string) => {
    const { found, connections } = await find(changes, body);
    expect(found).toEqual([undefined, "unavailable"]);
    expect(connections).toBe(1);
  });
});

/** For app.example.com, by itself; of these tests alone. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUkrU+s0UqBsvwCDt
wdVFgxTjK3gq4DVVDKWSbnFws9uhRANCAARVL0C3dtyDFWJiob08zFbunHwWjm5A
RKOadTVkAVDFEGrQy8mrpiLPBfQX4VAuoOS7UDn2VKNERP+jXEV/sl3O
-----END PRIVATE KEY-----`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBpzCCAU2gAwIBAgIUNXs0zsQPGyb+s8Sa+0r5Z52vJsAwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPYXBwLmV4YW1wbGUuY29tMCAXDTI2MTEyMzE0NTgyM1oYDzIx
MjYxMDMwMTQ1ODIzWjAaMRgwFgYDVQQDDA9hcHAuZXhhbXBsZS5jb20wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARVL0C3dtyDFWJiob08zFbunHwWjm5ARKOadTVk
AVDFEGrQy8mrpiLPBfQX4VAuoOS7UDn2VKNERP+jXEV/sl3Oo28wbTAdBgNVHQ4E
FgQUdZRRg1j9lOhlcVfNlmf70WRHSyEwHwYDVR0jBBgwFoAUdZRRg1j9lOhlcVfN
lmf70WRHSyEwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgg9hcHAuZXhhbXBs
ZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhAOXjQBcIF1mKl/OWUMCN3rH9vKGRVd2T
dL/BuoRhhut6AiBRmc0IZx4rYJKMfw+jcSIiIXiMZjQNeDmQ2MvOaVDQZQ==
-----END CERTIFICATE-----`;
