import { PATHS } from '#shared/api/paths.js';
import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';

export interface DeviceCodePage {
  readonly csrf: string;
  /** What was wrong with the last try. */
  readonly problem: string | null;
}

/** Asks for the code that a device shows. The person types it; no address and no page fills it in. */
export function deviceCodePage({ csrf, problem }: DeviceCodePage): string {
  const title = 'Sign in a device';
  return page(
    title,
    html`<h1>${title}</h1>
      <p>Type the code that <code>mcp-sso login</code> or your AI app shows on the device.</p>
      ${problem === null ? '' : html`<p class="warn">${problem}</p>`}
      <form method="post" action="${PATHS.device}">
        <input type="hidden" name="xsrf" value="${csrf}" />
        <input type="hidden" name="confirm" value="yes" />
        <label for="user_code">Code</label>
        <input
          class="entry"
          id="user_code"
          name="user_code"
          type="text"
          placeholder="XXXX-XXXX"
          maxlength="20"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          required
          autofocus
        />
        <p class="warn">Never type a code that somebody sent you or read to you: it would let them in as you.</p>
        <div class="actions"><button class="primary">Continue to sign in</button></div>
      </form>`,
  );
}
