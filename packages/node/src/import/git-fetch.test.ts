import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { MIB } from "@zenode/core";
import { expect, test } from "vitest";
import { systemClock } from "../clock-node.ts";
import { NodeSandbox } from "../sandbox/open-sandbox.ts";
import { makePlace } from "../sandbox/place.ts";
import { fetchRepository } from "./git-fetch.ts";
import { Git, REPOSITORY } from "./git-process.ts";

test("git asks the pinned address, and nobody where it is; what the server says comes without control characters", async () => {
  const hosts: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    hosts.push(headers.host);
    response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
    response.end(
      "001e# service=git-upload-pack\n0000002cERR \u001b[31mno\u0007 entry for you, \u009bstranger",
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(path.join(os.tmpdir(), "zenode-pinned-"));
  const told: string[] = [];
  try {
    const place = await makePlace(folder);
    await mkdir(path.join(place.projects, REPOSITORY));
    const limits = { memoryBytes: 1024 * MIB, processes: 64, diskBytes: 64 * MIB };
    const ways = ["none"] as const;
    const sandbox = new NodeSandbox({
      place,
      limits,
      ways,
      clock: systemClock,
      user: 0,
      alone: false,
    });
    await sandbox.take(REPOSITORY, path.join(place.projects, REPOSITORY));
    const { signal } = new AbortController();
    const git = new Git({ sandbox, signal, tell: (message) => told.push(message) });
    const host = `pinned.invalid:${port}`;
    const address = { url: `http://${host}/a.git`, protocol: "http" } as const;
    const refused = await fetchRepository(
      git,
      { ...address, pinned: `${host}:127.0.0.1` },
      undefined,
    ).catch(String);
    expect(hosts).toEqual([host]);
    expect(refused).toContain("The repository was not imported. git says: fatal: ");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect([refused, ...told].join("")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    const unpinned = await fetchRepository(git, address, undefined).catch(String);
    expect(unpinned).toContain("Its server can't be reached now.");
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
});
