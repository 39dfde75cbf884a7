import type { Principal } from "../access/principal.ts";
import type { Projects } from "../workspace/projects.ts";

/** What a source may use to answer one request. */
export interface ResourceContext {
  readonly principal: Principal;
  readonly projects: Projects;
}

/**
 * Resources of one kind of URI. What a principal may not see is not there: a source reads only
 * through its context, which holds the tenant's own things.
 */
export interface ResourceSource {
  /** Begins every URI of this source, e.g. `zenode://`. No two sources have the same. */
  readonly prefix: string;
  readonly templates: readonly ResourceTemplate[];
  /**
   * A page in a stable order, at most `limit`. `after` is a `next` of before, but from outside: it may be anything.
   * @throws RefusedError `invalid_input` for an `after` that never was a `next`.
   */
  list(context: ResourceContext, after: string | undefined, limit: number): Promise<ResourcePage>;
  /** @throws RefusedError `not_found` (also for what is no resource), `too_large`. */
  read(context: ResourceContext, uri: string): Promise<ResourceContent>;
  /** Cheap to ask for; differs from before whenever a resource may have changed. */
  position(context: ResourceContext): Promise<string>;
  /** Of one resource: differs whenever its content does; "" when it is not there. */
  version(context: ResourceContext, uri: string): Promise<string>;
  /** Values for a variable of a template that begin with `typed`, in a stable order. */
  complete(context: ResourceContext, asked: VariableInHand): Promise<readonly string[]>;
}

export interface VariableInHand {
  readonly template: string;
  readonly variable: string;
  readonly typed: string;
  /** Variables of the same template that were filled in before. */
  readonly others: Readonly<Record<string, string>>;
}

export interface ResourcePage {
  readonly resources: readonly ListedResource[];
  /** Where the next page begins; absent on the last. */
  readonly next?: string;
}

/** As MCP's `Resource`. */
export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** Bytes. */
  readonly size?: number;
  readonly annotations?: {
    readonly audience?: readonly ("user" | "assistant")[];
    /** 0 to 1. */
    readonly priority?: number;
    /** ISO 8601. */
    readonly lastModified?: string;
  };
}

/** As MCP's `ResourceTemplate`. */
export interface ResourceTemplate {
  /** RFC 6570. */
  readonly uriTemplate: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
}

/** One resource's content; `blob` is base64. */
export type ResourceContent =
  | { readonly uri: string; readonly mimeType?: string; readonly text: string }
  | { readonly uri: string; readonly mimeType?: string; readonly blob: string };
