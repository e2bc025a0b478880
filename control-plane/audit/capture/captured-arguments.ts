import type { CaptureSettings } from '../../config/audit-settings.js';
import type { RecordPersonal } from '../record.js';
import { capturedText } from './captured-text.js';
import { cutText } from './cut-text.js';

type Captured = Pick<RecordPersonal, 'arguments' | 'truncated'>;

/** The arguments of a call as its record keeps them; nothing below `redacted`, and where there are none. */
export function capturedArguments(
  { arguments: level, maxBytes }: Pick<CaptureSettings, 'arguments' | 'maxBytes'>,
  args: unknown,
): Captured {
  if (args === undefined || (level !== 'redacted' && level !== 'full')) return {};
  const { text, truncated } = capturedText(level, cutText(jsonText(args), maxBytes), maxBytes);
  return { arguments: text, ...(truncated ? { truncated } : {}) };
}

/** A call does not fail because its arguments nest deeper than they can be written. */
function jsonText(args: unknown): string {
  try {
    return JSON.stringify(args) ?? '';
  } catch {
    return '';
  }
}
