import type { SynthGraph, SynthResource } from "./synth/graph.ts";

export interface SynthRoute {
  readonly method: SynthResource["inputs"];
  readonly integration: SynthResource["inputs"];
}

/** The methods of the one REST API with their integrations, by `METHOD /path`. */
export function readRoutes(graph: SynthGraph): Record<string, SynthRoute> {
  const resources = graph.ofType("aws:apigateway/resource:Resource");
  const integrations = graph.ofType("aws:apigateway/integration:Integration");
  const pathOf = (id: unknown): string => {
    const resource = resources.find((found) => found.id === id);
    if (resource === undefined) return "";
    return `${pathOf(resource.inputs.parentId)}/${resource.inputs.pathPart}`;
  };
  const routes = graph.ofType("aws:apigateway/method:Method").map(({ inputs: method }) => {
    const integration = integrations.find(
      ({ inputs }) =>
        inputs.resourceId === method.resourceId && inputs.httpMethod === method.httpMethod,
    );
    const name = `${method.httpMethod} ${pathOf(method.resourceId)}`;
    if (integration === undefined) throw new Error(`${name} has no integration`);
    return [name, { method, integration: integration.inputs }] as const;
  });
  return Object.fromEntries(routes);
}
