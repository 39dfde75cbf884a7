import { type LogFields, RefusedError, UnavailableError } from "@zenode/core";
import { expect, test } from "vitest";
import { MemoryDocumentCache } from "../testing/document-cache-memory.ts";
import { type DocumentCache, DocumentClients, type FetchedDocument } from "./document-clients.ts";

const ID = "https://app.example.com/client.json";
const CLIENT = {
  id: ID,
  kind: "document",
  name: "Example",
  redirectUris: ["http://127.0.0.1/callback"],
  native: true,
};
const MINUTE = 60_000;

function documentOf(changes: object = {}): FetchedDocument {
  const document = {
    client_id: ID,
    client_name: "Example",
    redirect_uris: ["http://127.0.0.1/callback"],
    ...changes,
  };
  return { bytes: new TextEncoder().encode(JSON.stringify(document)) };
}

/** Clients whose documents are `answer`'s; `asked` lists what was asked for. */
function setUp(answer: (url: URL) => FetchedDocument, changes: Partial<DocumentCache> = {}) {
  const clock = { time: 1_800_000_000_000, now: () => clock.time };
  const asked: string[] = [];
  const limits = new Set<number>();
  const logged: LogFields[] = [];
  const cache = new MemoryDocumentCache();
  const clients = new DocumentClients({
    fetcher: {
      async fetch(url, maxBytes) {
        asked.push(url.href);
        limits.add(maxBytes);
        return answer(url);
      },
    },
    cache: {
      find: (url, now) => cache.find(url, now),
      keep: (client, until) => cache.keep(client, until),
      pause: (url, pause) => cache.pause(url, pause),
      ...changes,
    },
    clock,
    logger: {
      info: (_, fields) => logged.push(fields ?? {}),
      error: (message) => expect.unreachable(message),
    },
    loopback: false,
  });
  return { clients, clock, asked, limits, logged };
}

test("a client is asked for once while its document counts, and again after that", async () => {
  const { clients, clock, asked } = setUp(() => ({ ...documentOf(), cacheControl: "max-age=600" }));
  expect(await clients.find(ID)).toEqual(CLIENT);
  clock.time += 10 * MINUTE - 1;
  expect(await clients.find(ID)).toEqual(CLIENT);
  expect(asked).toEqual([ID]);
  clock.time += 1;
  expect(await clients.find(ID)).toEqual(CLIENT);
  expect(asked).toEqual([ID, ID]);
});

test("a document of at most 5 KiB that says nothing of caches counts five minutes", async () => {
  const { clients, clock, asked, limits } = setUp(() => documentOf());
  await clients.find(ID);
  expect([...limits]).toEqual([5 * 1024]);
  clock.time += 5 * MINUTE - 1;
  await clients.find(ID);
  expect(asked).toEqual([ID]);
  clock.time += 1;
  await clients.find(ID);
  expect(asked).toEqual([ID, ID]);
});

test("what a client has taken out of its document is gone with the next one", async () => {
  let redirect_uris = ["http://127.0.0.1/callback", "https://stolen.example/callback"];
  const { clients, clock } = setUp(() => documentOf({ redirect_uris }));
  expect((await clients.find(ID))?.redirectUris).toHaveLength(2);
  redirect_uris = ["http://127.0.0.1/callback"];
  clock.time += 5 * MINUTE;
  expect((await clients.find(ID))?.redirectUris).toEqual(["http://127.0.0.1/callback"]);
});

test.each(["", "zenode", "b6e0a5a4-9cf1-4a3f-9a70-3c1a4f0d9d5e", "client_1", "urn:x:y"])(
  "%j is no document's address, so nobody is asked",
  async (id) => {
    const { clients, asked, logged } = setUp(() => documentOf());
    expect(await clients.find(id)).toBeUndefined();
    expect([asked, logged]).toEqual([[], []]);
  },
);

test.each([
  "http://app.example.com/client.json",
  "https://169.254.169.254/latest/meta-data/",
  "https://app.example.com/a/../client.json",
  "HTTPS://app.example.com/client.json",
  `https://app.example.com/${"x".repeat(100_000)}`,
])("%.60s may not be asked for, and the log says why in few words", async (id) => {
  const { clients, asked, logged } = setUp(() => documentOf());
  expect(await clients.find(id)).toBeUndefined();
  expect(asked).toEqual([]);
  expect(logged).toEqual([{ clientId: id.slice(0, 200), why: expect.any(String) }]);
});

test("another client's document is nobody's, and its host is left alone for a minute", async () => {
  let client_id = "https://app.example.com/other.json";
  const { clients, clock, asked, logged } = setUp(() => documentOf({ client_id }));
  expect(await clients.find(ID)).toBeUndefined();
  expect(logged).toEqual([
    {
      clientId: ID,
      why: "This client's metadata document can't be used: its client_id is not its own URL.",
    },
  ]);
  client_id = ID;
  clock.time += MINUTE - 1;
  const soon = { code: "unavailable", message: expect.stringContaining("in a minute") };
  await expect(clients.find(ID)).rejects.toMatchObject(soon);
  expect(asked).toEqual([ID]);
  clock.time += 1;
  expect(await clients.find(ID)).toEqual(CLIENT);
});

test("a host that can't be had is told as such, and left alone for a minute", async () => {
  const { clients, clock, asked } = setUp(() => {
    throw new RefusedError("unavailable", "It did not answer.");
  });
  const down = { code: "unavailable", message: "It did not answer." };
  await expect(clients.find(ID)).rejects.toMatchObject(down);
  await expect(clients.find(ID)).rejects.toThrow("a moment ago");
  expect(asked).toEqual([ID]);
  clock.time += MINUTE;
  await expect(clients.find(ID)).rejects.toMatchObject(down);
  expect(asked).toEqual([ID, ID]);
});

test("one address that fails holds up no other of its host", async () => {
  const { clients } = setUp(({ pathname }) => {
    if (pathname === "/client.json") return documentOf();
    throw new RefusedError("unavailable", "It did not answer.");
  });
  await expect(clients.find("https://app.example.com/x")).rejects.toThrow("It did not answer.");
  expect(await clients.find(ID)).toEqual(CLIENT);
});

test("a failure of our own is no failure of the client's: it is not noted as one", async () => {
  const paused: string[] = [];
  const { clients } = setUp(() => documentOf(), {
    keep: () => Promise.reject(new UnavailableError("The table is away.")),
    pause: async (url) => {
      paused.push(url);
    },
  });
  await expect(clients.find(ID)).rejects.toThrow("The table is away.");
  expect(paused).toEqual([]);
});
