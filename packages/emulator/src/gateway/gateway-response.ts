import type { GatewayResponseTemplate } from "../template.ts";

/** The answers API Gateway makes itself, with the status and message it gives them. */
const DEFAULTS = {
  UNAUTHORIZED: [401, "UnauthorizedException", "Unauthorized"],
  ACCESS_DENIED: [403, "AccessDeniedException", "User is not authorized to access this resource"],
  MISSING_AUTHENTICATION_TOKEN: [
    403,
    "MissingAuthenticationTokenException",
    "Missing Authentication Token",
  ],
  /** A path outside the stages never reaches an API, so no gateway response of it applies. */
  FORBIDDEN: [403, "ForbiddenException", "Forbidden"],
  REQUEST_TOO_LARGE: [413, "RequestEntityTooLargeException", "Request Too Long"],
  THROTTLED: [429, "TooManyRequestsException", "Too Many Requests"],
  AUTHORIZER_CONFIGURATION_ERROR: [500, "InternalServerErrorException", "Internal server error"],
  /** Lambda refused the invocation (throttling among others). */
  INVOCATION_REFUSED: [500, "InternalServerErrorException", "Internal server error"],
  /** The function failed or answered in another form. */
  BAD_GATEWAY: [502, "InternalServerErrorException", "Internal server error"],
  INTEGRATION_TIMEOUT: [504, "InternalServerErrorException", "Endpoint request timed out"],
} as const satisfies Record<string, readonly [number, string, string]>;

export type GatewayResponseType = keyof typeof DEFAULTS;

interface GatewayResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The API's own answer of a type, customised by its template: the type's own response, else
 * `DEFAULT_4XX` or `DEFAULT_5XX`. A template's status of 0 keeps the default one (null on AWS).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
 */
export function toGatewayResponse(
  type: GatewayResponseType,
  {
    templates,
    origin,
    message,
  }: { templates: readonly GatewayResponseTemplate[]; origin: string; message?: string },
): GatewayResponse {
  const [status, errorType, text] = DEFAULTS[type];
  const template = type === "FORBIDDEN" ? undefined : pick(templates, type, status);
  const headers = Object.entries(template?.headers ?? {}).map(([name, value]) => [
    name,
    value.replaceAll("{origin}", origin),
  ]);
  const body = template?.body ?? '{"message":$context.error.messageString}';
  return {
    status: template === undefined || template.statusCode === 0 ? status : template.statusCode,
    headers: {
      "Content-Type": "application/json",
      "x-amzn-errortype": errorType,
      ...Object.fromEntries(headers),
    },
    body: body.replaceAll("$context.error.messageString", () => JSON.stringify(message ?? text)),
  };
}

function pick(
  templates: readonly GatewayResponseTemplate[],
  type: string,
  status: number,
): GatewayResponseTemplate | undefined {
  const fallback = status < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX";
  return (
    templates.find(({ responseType }) => responseType === type) ??
    templates.find(({ responseType }) => responseType === fallback)
  );
}
