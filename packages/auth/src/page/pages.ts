import type { AuthorizationRequest } from "../authorize/authorization-request.ts";
import { isLoopback, redirectHost } from "../client/redirect-uri.ts";
import { type Html, html } from "./html.ts";
import type { Page } from "./layout.ts";

/** In plain words, what tokens with a scope can do. */
const MEANINGS: Readonly<Record<string, string>> = {
  "zenode/read": "See your projects and files, search them, and run tools that change nothing",
  "zenode/write": "Change your files, and run every tool and command in your projects",
  "zenode/admin": "Administer your organisation: its members, limits and settings",
};

interface FormPage {
  readonly request: AuthorizationRequest;
  readonly field: string;
  /** Where the form is sent to. */
  readonly action: string;
  readonly formTargets: readonly string[];
}

/** Asked before Cognito is: nobody rides on a session that a user has there. */
export function consentPage({ request, field, action, formTargets }: FormPage): Page {
  const { client, redirectUri, scopes } = request;
  const name = nameOf(request);
  const content = html`
<h1>Connect ${name} to zenode?</h1>
${warning(redirectUri, client.kind === "configured")}
<dl>
<dt>Afterwards you go to</dt><dd>${placeOf(redirectUri)}</dd>
<dt>${name} will be able to</dt><dd><ul>${scopes.map(meaning)}</ul></dd>
</dl>
<p>You sign in on the next page.</p>
${buttons(field, action, { yes: "Continue", no: "Deny" })}`;
  return { status: 200, title: `Connect ${name} to zenode`, content, formTargets };
}

/** Asked after it: the user sees which account the application gets. */
export function accountPage({ request, field, action, formTargets }: FormPage, name: string): Page {
  const client = nameOf(request);
  const content = html`
<h1>Continue as ${name}?</h1>
<dl>
<dt>Account</dt><dd>${name}</dd>
<dt>Application</dt><dd>${client}</dd>
<dt>Afterwards you go to</dt><dd>${placeOf(request.redirectUri)}</dd>
</dl>
${buttons(field, action, { yes: "Allow", no: "Deny" })}`;
  return { status: 200, title: `Continue as ${name}`, content, formTargets };
}

export function refusalPage(message: string): Page {
  const content = html`<h1>This sign-in can't go on</h1><p>${message}</p>`;
  return { status: 400, title: "This sign-in can't go on", content };
}

export function waitPage(): Page {
  const content = html`<h1>Not now</h1><p>Signing in does not work at the moment. Try again in a minute: go back, or start again in the application.</p>`;
  return { status: 503, title: "Not now", content };
}

function nameOf({ client }: AuthorizationRequest): string {
  return client.name ?? "An application without a name";
}

function meaning(scope: string): Html {
  return html`<li>${MEANINGS[scope] ?? scope}</li>`;
}

function placeOf(redirectUri: string): string {
  const { kind, host } = redirectHost(redirectUri);
  return kind === "site" ? host : `an application on this computer (${host})`;
}

/** What it calls itself nobody has checked. */
function warning(redirectUri: string, isConfigured: boolean): Html {
  if (isConfigured) return html``;
  if (!isLoopback(redirectUri)) {
    return html`<p class="note">The application chose its name itself. Continue only if you know the address below.</p>`;
  }
  return html`<p class="note">The application chose its name itself. Continue only if you have just started it on this computer.</p>`;
}

function buttons(
  field: string,
  action: string,
  { yes, no }: { readonly yes: string; readonly no: string },
): Html {
  return html`<form method="post" action="${action}">
<input type="hidden" name="form" value="${field}">
<button name="decision" value="deny">${no}</button>
<button class="yes" name="decision" value="allow">${yes}</button>
</form>`;
}
