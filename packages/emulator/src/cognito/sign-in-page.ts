/** The hosted pages: plain HTML, no script, light and dark. */

const STYLE = `
  :root { color-scheme: light dark; --accent: #1f6feb; --line: #8886; --bad: #c62828; }
  * { box-sizing: border-box; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
    font: 1rem/1.5 system-ui, sans-serif; background: light-dark(#eef1f5, #14171c); }
  main { width: min(24rem, 100%); padding: 2rem; border-radius: .75rem; border: 1px solid var(--line);
    background: light-dark(#fff, #1d2128); }
  h1 { margin: 0 0 .25rem; font-size: 1.4rem; }
  p { margin: 0 0 1.25rem; }
  .to { color: light-dark(#555, #aaa); overflow-wrap: anywhere; }
  label { display: block; margin: 0 0 .25rem; font-weight: 600; }
  input { width: 100%; padding: .6rem .7rem; margin: 0 0 1rem; font: inherit; border-radius: .4rem;
    border: 1px solid var(--line); background: transparent; color: inherit; }
  button { width: 100%; padding: .65rem; font: inherit; font-weight: 600; border: 0; border-radius: .4rem;
    background: var(--accent); color: #fff; cursor: pointer; }
  input:focus-visible, button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  .alert { padding: .6rem .7rem; border-radius: .4rem; border: 1px solid var(--bad);
    color: light-dark(var(--bad), #ff9a94); }
`;

interface SignInPage {
  readonly clientId: string;
  /** What went wrong with the last attempt. */
  readonly alert?: string;
  /** The name of the last attempt, filled in again. */
  readonly username?: string;
}

/** The form posts to the address it was served from, which carries the authorization request. */
export function signInPage({ clientId, alert, username = "" }: SignInPage): string {
  const described = alert === undefined ? "" : ' aria-describedby="alert" aria-invalid="true"';
  return document(
    "Sign in",
    `<h1>Sign in</h1>
    <p class="to">to continue to <strong>${escapeHtml(clientId)}</strong></p>
    ${alert === undefined ? "" : `<p class="alert" id="alert" role="alert">${escapeHtml(alert)}</p>`}
    <form method="post">
      <label for="username">Username</label>
      <input id="username" name="username" autocomplete="username" autocapitalize="none"
        spellcheck="false" required autofocus value="${escapeHtml(username)}"${described}>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required${described}>
      <button type="submit">Sign in</button>
    </form>`,
  );
}

/** A page that ends the flow; `code` is the error's name. */
export function errorPage(code: string, description: string): string {
  return document(
    "An error was encountered",
    `<h1>An error was encountered</h1>
    <p class="alert" role="alert">${escapeHtml(description)}</p>
    <p class="to"><code>${escapeHtml(code)}</code></p>`,
  );
}

function document(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
    ${main}
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
