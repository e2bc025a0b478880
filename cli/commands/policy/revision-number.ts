import { InvalidArgumentError } from 'commander';

export function revisionNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A revision is a number, from 1.');
}
