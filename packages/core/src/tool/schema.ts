/**
 * Any Standard Schema that can also describe itself as JSON Schema (standardschema.dev; zod >= 4.2,
 * ArkType, Valibot adapters): what tools take as input and promise as output.
 */
export interface Schema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly jsonSchema: {
      readonly input: (options: { readonly target: string }) => Record<string, unknown>;
      readonly output: (options: { readonly target: string }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type OutputOf<S> = S extends Schema<infer Output> ? Output : never;

/** `items.0.name: Expected string` lines, for the one who must mend the arguments. */
export function formatIssues(issues: readonly SchemaIssue[]): string {
  return issues
    .map(({ message, path = [] }) => {
      const where = path
        .map((step) => String(typeof step === "object" ? step.key : step))
        .join(".");
      return where === "" ? message : `${where}: ${message}`;
    })
    .join("\n");
}
