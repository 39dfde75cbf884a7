import type { SynthGraph } from "./synth/graph.ts";

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

interface TrustStatement {
  readonly Principal: string | Record<string, string | readonly string[]>;
}

export interface SynthRole {
  readonly name: string;
  /** Whom it trusts, e.g. `Service lambda.amazonaws.com`. */
  readonly trusts: readonly string[];
  readonly statements: readonly Statement[];
  readonly managedPolicies: readonly string[];
}

interface RoleInputs {
  readonly assumeRolePolicy: string | { readonly Statement: readonly TrustStatement[] };
  readonly inlinePolicies?: readonly { readonly policy: string }[];
  readonly managedPolicyArns?: readonly string[];
}

export const list = <Item>(value: Item | readonly Item[]): readonly Item[] =>
  Array.isArray(value) ? value : [value as Item];

/** All roles of a stage, opened. */
export function readRoles(graph: SynthGraph): readonly SynthRole[] {
  const attached = graph.ofType("aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => inputs);
  return graph.ofType("aws:iam/role:Role").map(({ name, id, inputs }) => {
    const { assumeRolePolicy, inlinePolicies, managedPolicyArns } = inputs as unknown as RoleInputs;
    return {
      name,
      trusts: readTrust(assumeRolePolicy),
      statements: [
        ...(inlinePolicies ?? []).map(({ policy }) => policy),
        ...attached.filter(({ role }) => role === id).map(({ policy }) => String(policy)),
      ].flatMap((policy) => (JSON.parse(policy) as { Statement: Statement[] }).Statement),
      managedPolicies: managedPolicyArns ?? [],
    };
  });
}

function readTrust(policy: RoleInputs["assumeRolePolicy"]): readonly string[] {
  const document = typeof policy === "string" ? JSON.parse(policy) : policy;
  const { Statement: statements } = document as { Statement: readonly TrustStatement[] };
  return statements.flatMap(({ Principal: principal }) =>
    typeof principal === "string"
      ? [principal]
      : Object.entries(principal).flatMap(([kind, who]) =>
          list(who).map((one) => `${kind} ${one}`),
        ),
  );
}

export function roleNamed(roles: readonly SynthRole[], name: string): SynthRole {
  const role = roles.find((found) => found.name === name);
  if (role === undefined) throw new Error(`no role ${name}: ${roles.map((each) => each.name)}`);
  return role;
}
