const AGAIN = 'Sign in again: run `mcp-sso login`.';
const END = /^Your session ended because it (?:was not used for|had run for its) \d{1,5} (?:minute|hour|day)s?\. /;

/** What a person is told whose session nobody used. ASCII, so that it fits `error_description` (RFC 6749 §5.2). */
export function endedUnused(seconds: number): string {
  return `Your session ended because it was not used for ${durationText(seconds)}. ${AGAIN}`;
}

/** What a person is told whose session has reached the end that was set for it. */
export function endedAtLimit(seconds: number): string {
  return `Your session ended because it had run for its ${durationText(seconds)}. ${AGAIN}`;
}

/** Whether a text is one of the two, and so may be shown as it is. */
export function isSessionEnd(text: unknown): text is string {
  return typeof text === 'string' && text.replace(END, '') === AGAIN;
}

function durationText(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes % 1440 === 0 && minutes > 1440) return `${minutes / 1440} days`;
  const [count, unit] = minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
