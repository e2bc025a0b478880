import type { Browser } from './browser.js';
import type { Button, Form, Page } from './page.js';

const MOST_PAGES = 6;
const APPROVE = /^(approve|allow|yes)\b/i;

/** Signs in as a person would: picks the account at the identity provider, approves on the confirm page. */
export async function signInAs(browser: Browser, url: string | URL, person: string): Promise<Page> {
  let page = await browser.open(url);
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const choice = accountOf(page, person) ?? approvalOf(page);
    if (!choice) return page;
    page = await browser.press(page, choice.form, choice.button);
  }
  throw new Error(`The sign-in of ${person} did not end after ${MOST_PAGES} pages.`);
}

interface Choice {
  readonly form: Form;
  readonly button: Button;
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
