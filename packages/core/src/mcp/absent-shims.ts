/**
 * Stands in for the SDK's `_shims` in Lambda bundles (esbuild `alias`): they bring a JSON Schema validator of 20 KB
 * or more, which `formValidator` replaces, and the process of the transport over standard streams, which Lambda has not.
 */
export class DefaultJsonSchemaValidator {
  constructor() {
    throw new Error("A server is made with a `jsonSchemaValidator` of its own.");
  }
}

export const process = undefined;
