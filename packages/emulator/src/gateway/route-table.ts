import type { RouteTemplate } from "../template.ts";

export interface RouteMatch {
  readonly route: RouteTemplate;
  /** Decoded path parameters, a greedy one with its slashes; null when the resource has none. */
  readonly pathParameters: Readonly<Record<string, string>> | null;
}

interface Resource {
  readonly segments: readonly string[];
  readonly routes: readonly RouteTemplate[];
}

/**
 * The API's resources, most specific first, as API Gateway picks them: a static segment before
 * `{param}` before `{proxy+}`. The resource is picked by path alone; if it lacks the method, no
 * other resource is tried.
 */
export class RouteTable {
  readonly #resources: readonly Resource[];

  constructor(routes: readonly RouteTemplate[]) {
    const paths = [...new Set(routes.map(({ path }) => path))];
    this.#resources = paths
      .map((path) => ({
        segments: split(path),
        routes: routes.filter((route) => route.path === path),
      }))
      .sort((left, right) => compare(left.segments, right.segments));
  }

  /** `path` without the stage, still percent-encoded. Undefined: missing resource or method. */
  match(method: string, path: string): RouteMatch | undefined {
    const segments = split(path);
    for (const resource of this.#resources) {
      const parameters = bind(resource.segments, segments);
      if (parameters === undefined) continue;
      const { routes } = resource;
      const route =
        routes.find((candidate) => candidate.method === method) ??
        routes.find((candidate) => candidate.method === "ANY");
      const pathParameters = Object.keys(parameters).length === 0 ? null : parameters;
      return route === undefined ? undefined : { route, pathParameters };
    }
    return undefined;
  }
}

/** One trailing slash is no segment. */
function split(path: string): string[] {
  return path.replace(/^\//, "").replace(/\/$/, "").split("/");
}

function bind(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const greedy = /^\{(.+)\+\}$/.exec(pattern.at(-1) ?? "")?.[1];
  if (greedy === undefined) {
    return segments.length === pattern.length ? bindEach(pattern, segments) : undefined;
  }
  const fixed = pattern.slice(0, -1);
  const rest = segments.slice(fixed.length).join("/");
  const parameters = bindEach(fixed, segments);
  // A greedy parameter takes at least one segment.
  if (parameters === undefined || rest === "") return undefined;
  return { ...parameters, [greedy]: decode(rest) };
}

function bindEach(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name === undefined && part !== segment) return undefined;
    if (name !== undefined) parameters[name] = decode(segment);
  }
  return parameters;
}

/** A malformed escape stays as it came. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    if (cause instanceof URIError) return text;
    throw cause;
  }
}

function compare(left: readonly string[], right: readonly string[]): number {
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = rank(left[index]) - rank(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(part: string | undefined): number {
  if (part === undefined) return 3;
  if (part.endsWith("+}")) return 2;
  return part.startsWith("{") ? 1 : 0;
}
