import { isSecretName } from './secret-name.js';

/** The word that also stands where an injected secret stood. */
export const MASK = '[redacted]';

/** Nothing of the kind goes on before it: so a text of many beginnings is read once. */
const START = '(?<![A-Za-z0-9_-])';

/** Secrets that are known by their form. */
const FORMS = [
  '-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)',
  `${START}eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*)*`,
  `${START}gh[pousr]_[A-Za-z0-9]{20,}`,
  `${START}github_pat_[A-Za-z0-9_]{20,}`,
  `${START}glpat-[A-Za-z0-9_-]{16,}`,
  `${START}(?:AKIA|ASIA)[A-Z0-9]{16}`,
  `${START}AIza[A-Za-z0-9_-]{30,}`,
  `${START}ya29\\.[A-Za-z0-9_-]{20,}`,
  `${START}xox[abeoprs]-[A-Za-z0-9-]{10,}`,
  `${START}[srp]k[-_][A-Za-z0-9_-]{16,}`,
  `${START}(?:npm|whsec|hf)_[A-Za-z0-9+/=]{20,}`,
  `${START}(?:[Bb](?:earer|EARER)|[Bb](?:asic|ASIC)|[Dd][Pp][Oo][Pp]) {1,4}[A-Za-z0-9._~+/=-]{8,}`,
];
const KNOWN = new RegExp(FORMS.join('|'), 'g');

/** `https://user:password@host`. */
const USER_INFO = /(:\/\/[^\s/:@"']{0,128}:)[^\s/@"']{1,256}(?=@)/g;

/** `password=…`, `"api_key": "…"`, also in a text that is JSON itself. */
const ASSIGNED = /(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{1,64})["']?[ \t]{0,4}[:=][ \t]{0,4}/g;
const VALUE = /"[^"\n]*"?|'[^'\n]*'?|[^\s"',;&}\])]+/y;

/** Header fields whose value has several words: a scheme and its credentials, several cookies. */
const OF_LINE = /authorization|cookie/i;
const LINE = /"[^"\n]*"?|'[^'\n]*'?|[^"'\r\n]+/y;

/** A text without what looks like a secret in it. */
export function maskText(text: string): string {
  return maskAssigned(text.replaceAll(KNOWN, MASK).replaceAll(USER_INFO, `$1${MASK}`));
}

/** What is assigned to another name is looked through too: `url=https://…?token=…`. */
function maskAssigned(text: string): string {
  const out: string[] = [];
  let done = 0;
  for (const match of text.matchAll(ASSIGNED)) {
    const start = match.index + match[0].length;
    if (match.index < done || !isSecretName(match[1]!)) continue;
    const form = OF_LINE.test(match[1]!) ? LINE : VALUE;
    if (form === VALUE && text.startsWith(MASK, start)) continue;
    form.lastIndex = start;
    const value = form.exec(text)?.[0];
    if (value === undefined) continue;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    out.push(text.slice(done, start), quote, MASK, quote);
    done = start + value.length;
  }
  return [...out, text.slice(done)].join('');
}
