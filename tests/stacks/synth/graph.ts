/** What one resource was asked to be, as Pulumi's engine would have received it. */
export interface SynthResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** URN of the parent component; the stack's URN for top-level resources. */
  readonly parent: string;
  /** False for components. */
  readonly custom: boolean;
  /** True for `Type.get(...)` look-ups. */
  readonly read: boolean;
  readonly inputs: Record<string, unknown>;
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

/** What `Resource.<name>` holds at run time for who links to it. */
export interface SynthLink {
  readonly properties: Record<string, unknown>;
  readonly include: readonly unknown[];
}

/** A function whose code SST's CLI would have built. */
export interface SynthBuild {
  readonly functionID: string;
  readonly handler: string;
  readonly runtime: string;
}

/** What the child process writes. */
export interface SynthOutput {
  readonly outputs: Record<string, unknown>;
  /** In the order of their URNs. */
  readonly resources: readonly SynthResource[];
  readonly links: Record<string, SynthLink>;
  readonly builds: readonly SynthBuild[];
}

/** The answer of `app()` in sst.config.ts, with its defaults filled in. */
export interface SynthApp {
  readonly name: string;
  readonly stage: string;
  readonly removal: "remove" | "retain" | "retain-all";
  readonly protect: boolean;
  readonly providers: Record<string, { readonly region?: string } | undefined>;
}

/** A stage's resources, to ask questions of. */
export class SynthGraph {
  readonly app: SynthApp;
  readonly outputs: Record<string, unknown>;
  readonly resources: readonly SynthResource[];
  readonly links: Record<string, SynthLink>;
  readonly builds: readonly SynthBuild[];

  constructor(app: SynthApp, output: SynthOutput) {
    this.app = app;
    this.outputs = output.outputs;
    this.resources = output.resources;
    this.links = output.links;
    this.builds = output.builds;
  }

  ofType(type: string): readonly SynthResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one resource of a type, or the one of that name; an error names those there are. */
  get(type: string, name?: string): SynthResource {
    const candidates = this.ofType(type);
    const [hit, ...more] = candidates.filter((found) => name === undefined || found.name === name);
    if (hit !== undefined && more.length === 0) return hit;
    const names = candidates.map((found) => found.name).join(", ") || "none";
    throw new Error(`not exactly one ${type} ${name ?? ""}; of that type: ${names}`);
  }
}
