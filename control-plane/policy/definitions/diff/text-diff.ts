import { diffWordsWithSpace } from 'diff';
import { visible } from './hidden-characters.js';

/** Milliseconds for all texts of one definition: a server may write some that take long to compare. */
export const TIME_TO_COMPARE = 200;

/**
 * How one text became another, word by word: `[-old-]{+new+}`, with hidden characters made visible. The two are shown whole where
 * they cannot be compared before `end` (`performance.now()`).
 */
export function textDiff(before: string, after: string, end: number): string {
  const timeout = end - performance.now();
  const parts = timeout > 0 ? diffWordsWithSpace(visible(before), visible(after), { timeout }) : undefined;
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
