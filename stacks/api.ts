import type { Gateway } from "./gateway.ts";
import type { Identity } from "./identity.ts";
import { authorizerTtlSeconds, functions, gatewayResponses, routes } from "./shape.ts";

export type Api = ReturnType<typeof createApi>;

interface Publication {
  readonly functions: Gateway;
  readonly publicUrl: $util.Output<string>;
}

/**
 * The REST API, made in two steps: the front needs its id, and the functions behind its routes need
 * the front's address. `publish` adds the routes and deploys.
 */
export function createApi({ pool }: Identity) {
  const responses: aws.apigateway.Response[] = [];
  const api = new sst.aws.ApiGatewayV1("Api", {
    endpoint: { type: "regional" },
    cors: false,
    accessLog: { retention: "1 month" },
    transform: {
      deployment: (args, options) => {
        // A deployment is a snapshot: it comes after the gateway responses, and anew when they change.
        options.dependsOn = responses;
        args.triggers = $util
          .all([
            $output(args.triggers ?? {}),
            $jsonStringify(
              responses.map((each) => [
                each.statusCode,
                each.responseParameters,
                each.responseTemplates,
              ]),
            ),
          ])
          .apply(([triggers, content]) => ({ ...triggers, gatewayResponses: content }));
      },
    },
  });
  const restApi = api.nodes.api;
  const authorizer = api.addAuthorizer({
    name: "Cognito",
    userPools: [pool.arn],
    ttl: authorizerTtlSeconds,
  });

  function publish({ functions: targets, publicUrl }: Publication) {
    responses.push(...createGatewayResponses(restApi.id, publicUrl));
    for (const route of routes) {
      const { scopes, streaming } = route;
      api.route(
        `${route.method} ${route.path}`,
        targets[route.function].arn.apply((arn) => arn as sst.aws.FunctionArn),
        {
          streaming,
          ...(scopes && { auth: { cognito: { authorizer: authorizer.id, scopes: [...scopes] } } }),
          transform: {
            integration: { timeoutMilliseconds: functions[route.function].timeoutSeconds * 1000 },
          },
        },
      );
    }
    api.deploy();
  }

  return { restApi, publish };
}

function createGatewayResponses(restApiId: $util.Output<string>, origin: $util.Output<string>) {
  return gatewayResponses.map(({ responseType, statusCode, headers, body }) => {
    // A static value stands in single quotes, as API Gateway wants it.
    const parameters = Object.entries(headers).map(([name, value]) => [
      `gatewayresponse.header.${name}`,
      origin.apply((url) => `'${value.replace("{origin}", url)}'`),
    ]);
    return new aws.apigateway.Response(`Response${responseType.replace("_", "")}`, {
      restApiId,
      responseType,
      ...(statusCode !== 0 && { statusCode: String(statusCode) }),
      responseParameters: Object.fromEntries(parameters),
      responseTemplates: { "application/json": body },
    });
  });
}
