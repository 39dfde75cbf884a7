import { randomText } from "../token/base64url.ts";
import { Html, html } from "./html.ts";

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly content: Html;
  /** Origins that this page's form may lead to, beside ours: browsers hold redirects of a form against this. */
  readonly formTargets?: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 1rem; }
main { max-width: 30rem; margin: 6vh auto 0; }
h1 { font-size: 1.4rem; line-height: 1.25; overflow-wrap: anywhere; }
dl { margin: 1.25rem 0; }
dt { font-weight: 600; margin-top: .75rem; }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.25rem; }
.note { border-left: .25rem solid #b45309; padding-left: .75rem; }
form { display: flex; gap: .75rem; margin-top: 1.5rem; }
button { flex: 1; font: inherit; padding: .7rem 1rem; border-radius: .4rem; border: 1px solid #6b7280; background: transparent; color: inherit; cursor: pointer; }
button.yes { background: #1d4ed8; border-color: #1d4ed8; color: #fff; }
button:focus-visible { outline: 3px solid #f59e0b; outline-offset: 2px; }
`;

/** A page without scripts, which nobody may frame, keep or send on. */
export function toResponse({ status, title, content, formTargets = [] }: Page): Response {
  const nonce = randomText(16);
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `form-action ${["'self'", ...formTargets].join(" ")}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${nonce}">${new Html(STYLE)}</style>
</head>
<body><main>${content}</main></body>
</html>
`;
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": policy.join("; "),
      "cache-control": "no-store",
      // Not no-referrer: a form's Origin header would be "null" then.
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    },
  });
}
