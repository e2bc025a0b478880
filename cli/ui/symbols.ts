import type { Look } from './look.js';
import type { Tone } from './screen.js';

export interface Symbols {
  readonly marks: Record<Tone, string>;
  readonly spinner: readonly string[];
  readonly border: 'round' | 'classic';
  readonly ellipsis: string;
}

const UNICODE: Symbols = {
  marks: { good: '✓', warning: '!', bad: '✗', quiet: '-' },
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  border: 'round',
  ellipsis: '…',
};

const ASCII: Symbols = {
  marks: { good: '+', warning: '!', bad: 'x', quiet: '-' },
  spinner: ['|', '/', '-', '\\'],
  border: 'classic',
  ellipsis: '...',
};

/** Marks, frames and borders that the terminal can show. */
export function symbolsOf({ unicode }: Look): Symbols {
  return unicode ? UNICODE : ASCII;
}
