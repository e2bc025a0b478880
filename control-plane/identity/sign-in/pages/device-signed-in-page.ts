import { html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';

/** The last page of a device login. */
export function deviceSignedInPage(): string {
  const title = 'The device is signed in';
  return page(
    title,
    html`<h1>${title}</h1>
      <p>It goes on by itself in a few seconds.</p>
      <p class="quiet">You can close this window and go back to the device.</p>`,
  );
}
