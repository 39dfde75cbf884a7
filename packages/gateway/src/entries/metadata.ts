import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import { answerMetadata } from "../http/metadata.ts";

/** Unauthenticated documents: kept apart from the mcp Lambda so that it has no rights at all. */
export const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
  const publicUrl = process.env.ZENODE_PUBLIC_URL ?? "";
  const issuer = process.env.ZENODE_ISSUER ?? "";
  return answerMetadata(event.httpMethod, event.path, { publicUrl, issuer });
};
