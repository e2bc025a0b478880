import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { chooseProviderPage } from './choose-provider-page.js';
import { errorPage } from './error-page.js';
import { html } from '#shared/pages/html.js';
import { pageHeaders } from '#shared/pages/page-headers.js';

test('what is put into a page is escaped, once', () => {
  const inner = html`<b title="${'"\'<>&'}">x</b>`;
  expect(html`<p>${inner}${'<i>'}</p>`.text).toBe('<p><b title="&quot;&#39;&lt;&gt;&amp;">x</b>&lt;i&gt;</p>');
});

test('direction marks and control characters are made visible', () => {
  expect(html`${'evil\u202etxt\u0000'}`.text).toBe('evil\u{fffd}txt\u{fffd}');
});

test('the policy allows the one style sheet by its hash, no script and no frame', () => {
  const page = errorPage({ code: 'sign_in_failed', message: 'x' });
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(pageHeaders()['content-security-policy']).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`,
  );
  expect(page).not.toMatch(/<script|<img|<link|\son\w+=/i);
});

test('each provider is offered', () => {
  const page = chooseProviderPage([
    { id: 'okta', host: 'acme.okta.com', path: '/auth/interaction/u?provider=okta' },
    { id: 'entra', host: 'login.microsoftonline.com', path: '/auth/interaction/u?provider=entra' },
  ]);
  expect([...page.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual([
    '/auth/interaction/u?provider=okta',
    '/auth/interaction/u?provider=entra',
  ]);
});

test('the form for an address shows what was typed, escaped, and what was wrong with it', () => {
  const form = { action: '/auth/interaction/u/email', csrf: 'c', address: `o'hara&co@acme.example`, problem: 'Wrong.' };
  const page = chooseProviderPage([], form);
  expect(page).toContain('<form method="post" action="/auth/interaction/u/email">');
  expect(page).toContain('value="o&#39;hara&amp;co@acme.example"');
  expect(page).toContain('<p class="warn">Wrong.</p>');
  expect(page).not.toMatch(/<script|Or, without an address|\son\w+=/i);
});
