import { structured, type ToolRun } from "@zenode/core";

export const run: ToolRun<object> = async (_, { principal, deadline }) => {
  const answer = {
    tenant: principal.tenant,
    user: principal.username,
    subject: principal.subject,
    client: principal.clientId,
    scopes: [...principal.scopes].sort(),
    token_expires_at: new Date(principal.expiresAt).toISOString(),
    deadline: new Date(deadline).toISOString(),
  };
  return structured(
    answer,
    `${answer.user} in tenant ${answer.tenant}, with the scopes ${answer.scopes.join(", ") || "(none)"}.`,
  );
};
