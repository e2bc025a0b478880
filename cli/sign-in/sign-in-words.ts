import type { SignInStart } from './token-source.js';

/** What a person in a terminal has to do now. */
export function signInWords({ url, code, opened }: SignInStart): string {
  if (code !== undefined) {
    return `Open ${url} in a browser on any computer and type the code ${code}\nThe code is good for ten minutes. Waiting …\n`;
  }
  return `${opened ? 'A browser was opened. Or open' : 'Open in a browser on this computer'}:\n${url}\n`;
}
