/** The stores of signing in, for the functions that do that alone. */
export { DynamoCodeStore } from "./code-store-dynamodb.ts";
export { DynamoFamilyStore } from "./family-store-dynamodb.ts";
