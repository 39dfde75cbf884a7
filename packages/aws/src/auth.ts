/** The stores of signing in, for the functions that do that alone. */
export { DynamoAwayStore } from "./away-store-dynamodb.ts";
export { DynamoClientStore } from "./client-store-dynamodb.ts";
export { DynamoCodeStore } from "./code-store-dynamodb.ts";
export { DynamoDocumentCache } from "./document-cache-dynamodb.ts";
export { DynamoFamilyStore } from "./family-store-dynamodb.ts";
export { DynamoRegistrationRate } from "./registration-rate-dynamodb.ts";
