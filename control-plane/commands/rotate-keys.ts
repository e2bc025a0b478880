import { ERRORS } from '#shared/errors.js';
import type { Rotation } from '../identity/signing-keys/rotation.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

/** `rotate-keys`: the next key for tokens, published a day before it signs, or with `--now` at once. */
export async function rotateKeys(directory: string, options: { now: boolean }, terminal: Terminal): Promise<number> {
  const verdict = await checkDirectory(directory, terminal.environment);
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  const { rotateTokenKeys } = await import('../rotate-keys.js');
  const rotation = await rotateTokenKeys(verdict.config, options.now);
  print(terminal.output, ...(options.now ? replaced(rotation) : followed(rotation)));
  return 0;
}

function replaced({ kid }: Rotation): string[] {
  return [
    `Key ${kid} signs tokens from now on.`,
    'What any earlier key signed is refused. Every app gets new tokens by itself; nobody has to sign in again.',
    'If the database or the master key leaked with it, more must change: see docs/guides/key-rotation.md.',
  ];
}

function followed({ kid, activeFrom, oldUntil, pending }: Rotation): string[] {
  return [
    `Key ${kid} ${pending ? 'was published already, so nothing was changed' : 'is published now'}. It signs tokens from ${timeText(activeFrom)} on.`,
    `What the key before it signed is accepted until ${timeText(oldUntil)}.`,
  ];
}

function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
