import * as pulumi from "@pulumi/pulumi";
import type { SynthLink, SynthResource } from "../graph.ts";
import { place } from "./place.ts";

type Runtime = typeof pulumi.runtime;
type Struct = Parameters<Runtime["deserializeProperties"]>[0];

/** The parts of Pulumi's gRPC messages that are read here (pulumi/proto/resource.proto). */
interface RegisterRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): unknown;
  getDependenciesList(): string[];
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getIgnorechangesList(): string[];
}

interface ReadRequest
  extends Pick<RegisterRequest, "getType" | "getName" | "getParent" | "getDependenciesList"> {
  getId(): string;
  getProperties(): unknown;
}

interface Registered {
  getUrn(): string;
  getId(): string;
}

interface OutputsRequest {
  getUrn(): string;
  getOutputs(): unknown;
}

type Callback<Response> = (error: unknown, response: Response) => void;
type Call<Request, Response> = (request: Request, callback: Callback<Response>) => void;

/** Pulumi's mock of its engine; not part of its public types. */
interface MockMonitor {
  newUrn: (parent: string, type: string, name: string) => string;
  registerResource: Call<RegisterRequest, Registered>;
  readResource: Call<ReadRequest, Pick<Registered, "getUrn">>;
  registerResourceOutputs: Call<OutputsRequest, unknown>;
}

export interface Seen {
  readonly resources: SynthResource[];
  readonly links: Record<string, SynthLink>;
}

/** Listens to what mocks hide: URNs, parents, options, and the outputs of components. */
export function observeMonitor(runtime: Runtime): Seen {
  const monitor = (runtime as unknown as { getMonitor(): MockMonitor }).getMonitor();
  const seen: Seen = { resources: [], links: {} };
  monitor.newUrn = qualifiedUrn;
  observeRegistrations(monitor, seen);
  observeReads(monitor, seen);
  observeLinks(monitor, seen);
  return seen;
}

/** As the engine builds them: the chain of component types; SST reads types of links from it. */
function qualifiedUrn(parent: string, type: string, name: string): string {
  const above = parent.split("::")[2] ?? "";
  const qualified = above && above !== "pulumi:pulumi:Stack" ? `${above}$${type}` : type;
  return `urn:pulumi:${place.app.stage}::${place.app.name}::${qualified}::${name}`;
}

function observeRegistrations(monitor: MockMonitor, { resources }: Seen): void {
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) =>
    register(request, async (error, response) => {
      if (!error)
        resources.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          id: response.getId(),
          parent: request.getParent(),
          custom: request.getCustom(),
          read: false,
          inputs: await toPlainFields(request.getObject()),
          dependsOn: request.getDependenciesList().toSorted(),
          protect: request.getProtect(),
          retainOnDelete: request.getRetainondelete(),
          ignoreChanges: request.getIgnorechangesList(),
        });
      callback(error, response);
    });
}

function observeReads(monitor: MockMonitor, { resources }: Seen): void {
  const read = monitor.readResource.bind(monitor);
  monitor.readResource = (request, callback) =>
    read(request, async (error, response) => {
      if (!error)
        resources.push({
          urn: response.getUrn(),
          type: request.getType(),
          name: request.getName(),
          id: request.getId(),
          parent: request.getParent(),
          custom: true,
          read: true,
          inputs: await toPlainFields(request.getProperties()),
          dependsOn: request.getDependenciesList().toSorted(),
          protect: false,
          retainOnDelete: false,
          ignoreChanges: [],
        });
      callback(error, response);
    });
}

function observeLinks(monitor: MockMonitor, { links }: Seen): void {
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = async (request, callback) => {
    if (/[:$]sst:sst:LinkRef::/.test(request.getUrn())) {
      const { target, properties, include } = await toPlainFields(request.getOutputs());
      links[String(target)] = {
        properties: properties as SynthLink["properties"],
        include: (include ?? []) as SynthLink["include"],
      };
    }
    registerOutputs(request, callback);
  };
}

/** Pulumi's marks for a secret value on the wire (sdk/nodejs/runtime/rpc.ts). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

async function toPlainFields(struct: unknown): Promise<Record<string, unknown>> {
  const fields: unknown = pulumi.runtime.deserializeProperties(struct as Struct);
  return (await toPlain(fields)) as Record<string, unknown>;
}

/** JSON: secrets opened, assets and resources named. */
async function toPlain(value: unknown): Promise<unknown> {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return Promise.all(value.map(toPlain));
  if (pulumi.Resource.isInstance(value)) return { $resource: await urnOf(value) };
  if (isAsset(value)) return toPlainAsset(value);
  const fields = value as Record<string, unknown>;
  if (fields[SIGNATURE] === SECRET) return toPlain(fields.value);
  const entries = Object.entries(fields).filter(([key]) => key !== "__provider");
  return Object.fromEntries(
    await Promise.all(entries.map(async ([key, field]) => [key, await toPlain(field)] as const)),
  );
}

function isAsset(value: object): boolean {
  return pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value);
}

/** A file's path, or an archive's files by name. */
async function toPlainAsset(asset: object): Promise<unknown> {
  const { path, assets } = asset as { path?: Promise<string>; assets?: Promise<object> };
  return path === undefined ? { $archive: await toPlain(await assets) } : { $file: await path };
}

function urnOf(resource: pulumi.Resource): Promise<string> {
  return (resource.urn as unknown as { promise(): Promise<string> }).promise();
}
