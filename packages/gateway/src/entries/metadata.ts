import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { answerMetadata } from "../http/metadata.ts";

const ASKED = "access-control-request-headers";

/** Unauthenticated documents: kept apart from the mcp Lambda so that it has no rights at all. */
export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const publicUrl = process.env.ZENODE_PUBLIC_URL ?? "";
  const issuer = process.env.ZENODE_ISSUER ?? "";
  const { httpMethod: method, path, headers } = event;
  const asked = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === ASKED);
  return answerMetadata({ method, path, askedHeaders: asked?.[1] }, { publicUrl, issuer });
};
