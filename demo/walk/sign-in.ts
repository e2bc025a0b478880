import type { Browser } from './browser.js';
import type { Button, Form, Page } from './page.js';

const MOST_PAGES = 6;
const APPROVE = /^(approve|allow|yes)\b/i;
const DEVICE = /open (https?:\/\/\S+\/oauth\/device)\b.* type the code ([A-Z-]+)/i;
const ADDRESS = /https?:\/\/\S+\/oauth\/authorize\?[^\s)>\]"]+/;

/** Where a person goes to sign in: an address, and at a device login the code to type there. */
export interface SignInPlace {
  readonly url: string | URL;
  readonly code?: string;
}

/** What `mcp-sso` or the tool `sign_in` tells a person to do. */
export function placeIn(text: string): SignInPlace | undefined {
  const [, url, code] = DEVICE.exec(text) ?? [];
  if (url !== undefined && code !== undefined) return { url, code };
  const address = ADDRESS.exec(text)?.[0];
  return address === undefined ? undefined : { url: address };
}

/** Signs in as a person would: types the code if there is one, picks the account at the identity provider, approves. */
export async function signInAs(browser: Browser, place: string | URL | SignInPlace, person: string): Promise<Page> {
  const { url, code } = typeof place === 'string' || place instanceof URL ? { url: place } : place;
  let page = await browser.open(url);
  if (code !== undefined) page = await toProvider(browser, await typeCode(browser, page, code));
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const choice = accountOf(page, person) ?? approvalOf(page);
    if (!choice) return page;
    page = await browser.press(page, choice.form, choice.button);
  }
  throw new Error(`The sign-in of ${person} did not end after ${MOST_PAGES} pages.`);
}

/** Types a device's code into the page that asks for it, and continues. */
export async function typeCode(browser: Browser, page: Page, code: string): Promise<Page> {
  const choice = codeFormOf(page);
  if (!choice) throw new Error(`Nowhere to type a code on ${page.url.pathname}: ${page.text}`);
  const fields = choice.form.fields.map(([name, value]) => [name, name === 'user_code' ? code : value] as const);
  return browser.press(page, { ...choice.form, fields }, choice.button);
}

/** After the code, the way to the identity provider is a link. */
export async function toProvider(browser: Browser, page: Page): Promise<Page> {
  const [link] = page.links;
  return link ? browser.follow(page, link.url) : page;
}

interface Choice {
  readonly form: Form;
  readonly button: Button;
}

/** The form that asks for the code of a device. */
export function codeFormOf(page: Page): Choice | undefined {
  const form = page.forms.find(({ fields }) => fields.some(([name]) => name === 'user_code'));
  const [button] = form?.buttons ?? [];
  return form && button && { form, button };
}

/** The account's button on the identity provider's page. */
export function accountOf(page: Page, person: string): Choice | undefined {
  return choose(page, (button) => button.name === 'account' && button.value === person);
}

/** The button that lets the bridge or another client in. */
export function approvalOf(page: Page): Choice | undefined {
  return choose(page, (button) => APPROVE.test(button.text));
}

function choose(page: Page, wanted: (button: Button) => boolean): Choice | undefined {
  for (const form of page.forms) {
    const button = form.buttons.find(wanted);
    if (button) return { form, button };
  }
  return undefined;
}
