import { createHash } from 'node:crypto';
import { accountName } from './account-name.js';
import type { Account } from './token-source.js';

/** What the last page of a sign-in says. */
export type SignInResult = { readonly account: Account; readonly origin: string } | { readonly fault: string };

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem;color:#1c2530;background:#fff}' +
  'h1{font-size:1.5rem;margin:0 0 .75rem}p{margin:.5rem 0}code{background:#eef1f4;padding:.1em .35em;border-radius:4px}' +
  '@media(prefers-color-scheme:dark){body{color:#e6e9ec;background:#14181d}code{background:#262c33}}';

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Sent with every page: nothing is loaded, framed, stored or told to other sites. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
};

export function resultPage(result: SignInResult): string {
  if ('fault' in result) {
    return page(
      'Not signed in',
      `<p>${escape(result.fault)}</p><p>Start again from your AI app or with <code>mcp-sso login</code>.</p>`,
    );
  }
  return page(
    'You are signed in',
    `<p>This computer may now use ${escape(new URL(result.origin).host)} as <strong>${escape(accountName(result.account))}</strong>.</p>` +
      '<p>You can close this tab and go back to your AI app.</p>',
  );
}

function page(title: string, content: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title} – mcp-sso</title>` +
    `<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>` +
    `<body><main><h1>${title}</h1>${content}</main></body></html>`
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
