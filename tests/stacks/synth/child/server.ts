import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { place } from "./place.ts";

/** What SST asks its CLI to build. */
interface BuildRequest {
  readonly functionID: string;
  readonly handler: string;
  readonly runtime: string;
}

const SOURCES = [".ts", ".mts", ".js", ".mjs"];

/**
 * The JSON-RPC server that the SST CLI is to its components, as much of it as they call while they
 * are made. It only checks that a handler's file is there; what is built is noted in the list returned.
 */
export async function startCommandLineServer(): Promise<readonly BuildRequest[]> {
  const builds: BuildRequest[] = [];
  const server = createServer(async (request, response) => {
    // An idle keep-alive socket would hold the event loop for five seconds.
    response.setHeader("connection", "close");
    const { method, params } = JSON.parse(await text(request)) as {
      method: string;
      params: [never];
    };
    try {
      response.end(JSON.stringify({ result: answer(method, params[0], builds) }));
    } catch (error) {
      response.end(JSON.stringify({ error: String(error) }));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  process.env.SST_SERVER = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return builds;
}

function answer(method: string, argument: never, builds: BuildRequest[]): unknown {
  switch (method) {
    case "Provider.Aws.Bootstrap":
      return bootstrap();
    case "Provider.Aws.Appsync":
      return { http: "appsync-http.invalid", realtime: "appsync-realtime.invalid" };
    case "Runtime.AddTarget":
      return true;
    case "Runtime.Build":
      builds.push(argument);
      return build(argument);
    default:
      throw new Error(`synth: no answer for ${method}`);
  }
}

/** The asset bucket and image repository that SST keeps in each account. */
function bootstrap() {
  const registry = `${place.account}.dkr.ecr.${place.region}.amazonaws.com`;
  return {
    asset: "sst-asset-synth",
    state: "sst-state-synth",
    assetEcrRegistryId: place.account,
    assetEcrUrl: `${registry}/sst-asset`,
    appsyncHttp: "appsync-http.invalid",
    appsyncRealtime: "appsync-realtime.invalid",
  };
}

function build({ functionID, handler }: BuildRequest) {
  const source = path.join(place.root, handler).replace(/\.[^./]+$/, "");
  if (!SOURCES.some((extension) => existsSync(source + extension)))
    return { handler: "", out: "", errors: [`Handler not found: ${handler}`], sourcemaps: [] };
  const out = path.join(path.dirname(place.output), `${functionID}-src`);
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, "bundle.mjs"), "// not built under synth\n");
  return { handler: `bundle${path.extname(handler)}`, out, errors: [], sourcemaps: [] };
}
