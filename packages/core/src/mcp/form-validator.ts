import type { jsonSchemaValidator } from "@modelcontextprotocol/server";
import type { Json } from "../lib/json.ts";
import { mistakeInForm } from "../tool/form.ts";
import type { FormSchema } from "../tool/input-request.ts";

/**
 * What the SDK holds a user's answer against before it hands it over. All it validates are forms, so the rule for
 * forms is enough, and no JSON Schema validator burdens a cold start.
 */
export const formValidator: jsonSchemaValidator = {
  getValidator<T>(schema: object) {
    return (input: unknown) => {
      const mistake = mistakeInForm(schema as unknown as FormSchema, input as Json);
      return mistake === undefined
        ? { valid: true, data: input as T, errorMessage: undefined }
        : { valid: false, data: undefined, errorMessage: mistake };
    };
  },
};
