import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Person } from './people.js';

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#eef1f6, #14171d); }
  main { width: min(26rem, calc(100vw - 2rem)); padding: 2rem; box-sizing: border-box; border-radius: 1rem;
    background: light-dark(#fff, #1e232c); box-shadow: 0 1rem 3rem rgb(0 0 0 / .14); }
  h1 { margin: 0 0 .25rem; font-size: 1.35rem; }
  p { margin: .25rem 0 1.25rem; color: light-dark(#566074, #a4aec0); }
  form { display: grid; gap: .625rem; }
  button { display: grid; grid-template-columns: 2.5rem 1fr; column-gap: .875rem; align-items: center; text-align: left;
    padding: .75rem .875rem; font: inherit; color: inherit; cursor: pointer; border-radius: .75rem;
    border: 1px solid light-dark(#d5dbe6, #394150); background: none; }
  button:hover, button:focus-visible { border-color: #3f6df6; outline: 2px solid #3f6df633; }
  button b { display: block; } button small { color: light-dark(#566074, #a4aec0); }
  i { display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%; font-style: normal;
    font-weight: 600; color: #fff; background: #3f6df6; }
  footer { margin-top: 1.25rem; font-size: .8125rem; color: light-dark(#566074, #a4aec0); }
`;

/** The sign-in page: one button an account, no password. */
export function accountPage(people: readonly Person[], forApplication: string): string {
  const buttons = people.map(
    (person) =>
      `<button name="account" value="${escape(person.id)}"><i aria-hidden="true">${escape(person.name.slice(0, 1))}</i>` +
      `<span><b>${escape(person.name)}</b><small>${escape(person.email)} · ${escape(person.groups.join(', '))}</small></span></button>`,
  );
  return document(
    'Sign in · Demo company',
    `<h1>Sign in to Demo company</h1><p>to continue to <strong>${escape(forApplication)}</strong></p>
    <form method="post">${buttons.join('')}</form>
    <footer>This identity provider is part of the mcp-sso demo. It asks for no password and runs on this computer only.</footer>`,
  );
}

/** A page that says what went wrong. */
export function errorPage(text: string): string {
  return document('Demo company', `<h1>That did not work</h1><p>${escape(text)}</p>`);
}

/** Answers with a page that runs no script, loads nothing and can't be framed. */
export function sendPage(response: ServerResponse, status: number, html: string): void {
  const nonce = randomBytes(16).toString('base64');
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'`,
  });
  response.end(html.replace('<style>', `<style nonce="${nonce}">`));
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
  <title>${title}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);
}
