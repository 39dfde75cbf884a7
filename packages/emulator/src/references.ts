/** What a template's environment may refer to, as CloudFormation's Ref does: `{origin}`, `{issuer}`. */
export interface References {
  readonly origin: string;
  readonly issuer: string;
}

/** The definition with the references in its environment filled in. */
export function fillIn<T extends { readonly environment: Readonly<Record<string, string>> }>(
  definition: T,
  references: References,
): T {
  const environment = Object.fromEntries(
    Object.entries(definition.environment).map(([name, value]) => [
      name,
      replace(value, references),
    ]),
  );
  return { ...definition, environment };
}

function replace(value: string, { origin, issuer }: References): string {
  return value.replaceAll("{origin}", origin).replaceAll("{issuer}", issuer);
}
