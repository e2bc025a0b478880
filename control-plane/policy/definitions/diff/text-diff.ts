import { diffWordsWithSpace } from 'diff';
import { visible } from './hidden-characters.js';

/** Milliseconds; a server may write texts that take long to compare. Then the two are shown whole. */
const TIMEOUT = 200;

/** How one text became another, word by word: `[-old-]{+new+}`, with hidden characters made visible. */
export function textDiff(before: string, after: string): string {
  const parts = diffWordsWithSpace(visible(before), visible(after), { timeout: TIMEOUT });
  const whole = [
    { removed: true, added: false, value: visible(before) },
    { removed: false, added: true, value: visible(after) },
  ];
  return (parts ?? whole).map(({ added, removed, value }) => marked(value, added, removed)).join('');
}

function marked(value: string, added: boolean, removed: boolean): string {
  if (value === '') return '';
  if (added) return `{+${value}+}`;
  return removed ? `[-${value}-]` : value;
}
