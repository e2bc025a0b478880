import type { Browser } from '../../../demo/walk/browser.js';
import { Laptop } from '../../../demo/walk/laptop.js';
import type { Page } from '../../../demo/walk/page.js';
import { approvalOf, toProvider, typeCode, type SignInPlace } from '../../../demo/walk/sign-in.js';
import { passwordOf } from './administration.js';
import { SCOPES, SESSION_COOKIE } from './settings.js';

/** Does what the scripts of Glewlwyd's login page do: name and password, consent, and back to the page that sent us. */
async function signInAtGlewlwyd(browser: Browser, page: Page, person: string): Promise<Page> {
  const back = page.url.searchParams.get('callback_url');
  const client = page.url.searchParams.get('client_id');
  if (back === null || client === null) throw new Error(`This is not Glewlwyd's login page: ${page.url.href}`);
  const credentials = { username: person, password: passwordOf(person) };
  const status = await browser.sendJson(page, 'POST', '/api/auth/', credentials);
  if (status !== 200) throw new Error(`Glewlwyd refused ${person} with ${status}.`);
  await browser.sendJson(page, 'PUT', `/api/auth/grant/${client}/`, { scope: SCOPES.join(' ') });
  const next = new URL(back);
  next.searchParams.set('g_continue', '');
  return browser.follow(page, next);
}

async function toLogin(browser: Browser, place: SignInPlace): Promise<Page> {
  const page = await browser.open(place.url);
  return place.code === undefined ? page : toProvider(browser, await typeCode(browser, page, place.code));
}

/**
 * As whoever holds the browser may, without the password: picks the account again, skips the login page, drops `max_age` and `prompt`,
 * and rests on the session that is there.
 */
export async function restOnGlewlwyd(browser: Browser, place: SignInPlace, person: string): Promise<Page> {
  const page = await toLogin(browser, place);
  const status = await browser.sendJson(page, 'POST', '/api/auth/', { username: person });
  if (status !== 200) throw new Error(`Glewlwyd refused the account of its session, ${person}, with ${status}.`);
  const back = new URL(page.url.searchParams.get('callback_url') ?? '');
  for (const name of ['max_age', 'prompt']) back.searchParams.delete(name);
  back.searchParams.set('g_continue', '');
  return browser.follow(page, back);
}

/** Types the code if there is one, and signs in at Glewlwyd; resolves to what we show after that. */
export async function upToConfirm(browser: Browser, place: SignInPlace, person: string): Promise<Page> {
  return signInAtGlewlwyd(browser, await toLogin(browser, place), person);
}

/** The whole way of a person, who also approves. */
export async function signInThroughGlewlwyd(browser: Browser, place: SignInPlace, person: string): Promise<Page> {
  const confirm = await upToConfirm(browser, place, person);
  const approval = approvalOf(confirm);
  if (!approval) throw new Error(`There is nothing to approve on ${confirm.url.href}: ${confirm.text}`);
  return browser.press(confirm, approval.form, approval.button);
}

/** Does what the scripts of the page do on which a person signs this browser out everywhere. */
export async function signOutAtGlewlwyd(browser: Browser, issuer: string): Promise<void> {
  const session = await browser.cookie(issuer, SESSION_COOKIE);
  const page = await browser.open(`${issuer}/end_session`);
  const status = await browser.sendJson(page, 'DELETE', `/api/oidc/session/${session}`, {});
  if (status !== 200) throw new Error(`Glewlwyd answered the logout with ${status}.`);
}

/** A computer of a person who signs in at Glewlwyd. */
export class GlewlwydLaptop extends Laptop {
  override async signIn(place: SignInPlace): Promise<void> {
    const page = await signInThroughGlewlwyd(this.browser, place, this.person);
    if (page.status !== 200) throw new Error(`The sign-in of ${this.person} ended with ${page.status}: ${page.text}`);
  }
}
