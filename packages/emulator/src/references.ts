/** What a template's environment may refer to, as CloudFormation's Ref does: `{origin}`, `{issuer}`, `{queue:NAME}`. */
export interface References {
  readonly origin: string;
  readonly issuer: string;
  /** URL of the queue of this name; throws where there is none. */
  readonly queueUrl: (name: string) => string;
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

function replace(value: string, { origin, issuer, queueUrl }: References): string {
  return value
    .replaceAll("{origin}", origin)
    .replaceAll("{issuer}", issuer)
    .replaceAll(/\{queue:([\w-]+)\}/g, (_, name: string) => queueUrl(name));
}
