import { InvalidArgumentError } from 'commander';

const DURATION = /^(?:(\d{1,3})h)?(?:(\d{1,5})m)?$/;

/** Minutes of `30m`, `2h` or `1h30m`. Throws commander's InvalidArgumentError. */
export function readMinutes(text: string): number {
  const [, hours = '0', minutes = '0'] = DURATION.exec(text) ?? [];
  const sum = Number(hours) * 60 + Number(minutes);
  if (sum > 0) return sum;
  throw new InvalidArgumentError('Write a duration like 30m, 2h or 1h30m.');
}

export function durationText(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return [hours === 0 ? '' : `${hours} h`, rest === 0 && hours > 0 ? '' : `${rest} min`].filter(Boolean).join(' ');
}
