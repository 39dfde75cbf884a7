import { createApi } from "./api.ts";
import { createCollection } from "./collection.ts";
import { createData } from "./data.ts";
import { createFront } from "./front.ts";
import { createGateway } from "./gateway.ts";
import { createIdentity, createUpstreamClient } from "./identity.ts";
import { createNetwork } from "./network.ts";
import { createReaper } from "./reaper.ts";
import { createStateKeys } from "./state-keys.ts";
import { createStorage } from "./storage.ts";
import { consumeWakeups, createWakeups } from "./wakeups.ts";
import { createWorker } from "./worker.ts";

/** Everything of one stage. What is shown after a deploy is what a client needs to sign in. */
export function createStacks() {
  const data = createData();
  const storage = createStorage();
  const identity = createIdentity();
  const network = createNetwork();
  const wakeups = createWakeups();
  const worker = createWorker({ ...data, ...storage, network, wakeups });
  const api = createApi(identity);
  const front = createFront(api);
  const stateKeys = createStateKeys();
  const upstream = createUpstreamClient(identity, front);
  const parts = { identity, upstream, network, worker, front, stateKeys, wakeups };
  const gateway = createGateway({ ...data, ...storage, ...parts });
  api.publish({ functions: gateway, publicUrl: front.publicUrl });
  createReaper({ worker, reaper: gateway.reaper });
  consumeWakeups(wakeups, gateway.watch);
  createCollection(gateway);
  return {
    url: front.publicUrl,
    userPoolId: identity.pool.id,
    clientId: identity.cli.id,
    loginUrl: identity.loginUrl,
  };
}
