import { parse, type HTMLElement } from 'node-html-parser';

export interface Button {
  readonly name: string;
  readonly value: string;
  readonly text: string;
}

interface Link {
  readonly url: URL;
  readonly text: string;
}

export interface Form {
  readonly action: URL;
  readonly method: 'GET' | 'POST';
  /** What would be sent without any button: hidden and prefilled fields. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly buttons: readonly Button[];
}

/** What a browser shows after a navigation. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly html: string;
  readonly text: string;
  readonly forms: readonly Form[];
  readonly links: readonly Link[];
}

export function readPage(url: URL, status: number, headers: Page['headers'], html: string): Page {
  const document = parse(html, { blockTextElements: { script: false, style: false } });
  return {
    url,
    status,
    headers,
    html,
    text: document.textContent.replaceAll(/\s+/g, ' ').trim(),
    forms: document.querySelectorAll('form').map((form) => readForm(url, form)),
    links: document.querySelectorAll('a[href]').map((link) => ({
      url: new URL(link.getAttribute('href') ?? '', url),
      text: link.textContent.replaceAll(/\s+/g, ' ').trim(),
    })),
  };
}

function readForm(page: URL, form: HTMLElement): Form {
  const inputs = form.querySelectorAll('input').filter((input) => !isButton(input));
  const buttons = [
    ...form.querySelectorAll('button'),
    ...form.querySelectorAll('input').filter((input) => isButton(input)),
  ];
  return {
    action: new URL(form.getAttribute('action') ?? page.href, page),
    method: form.getAttribute('method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
    fields: inputs.filter(isSent).map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']),
    buttons: buttons.map((button) => ({
      name: button.getAttribute('name') ?? '',
      value: button.getAttribute('value') ?? '',
      text: (button.tagName === 'INPUT' ? (button.getAttribute('value') ?? '') : button.textContent)
        .replaceAll(/\s+/g, ' ')
        .trim(),
    })),
  };
}

function isButton(input: HTMLElement): boolean {
  return ['submit', 'button'].includes(input.getAttribute('type') ?? 'text');
}

function isSent(input: HTMLElement): boolean {
  if (!input.getAttribute('name')) return false;
  const toggles = ['checkbox', 'radio'].includes(input.getAttribute('type') ?? 'text');
  return !toggles || input.hasAttribute('checked');
}
