import { CodedError, ERRORS } from '#shared/errors.js';
import type { Settings } from '../config/settings.js';
import type { Rotation } from '../identity/signing-keys/rotation.js';
import type { KeyPurpose } from '../identity/signing-keys/stored-keys.js';
import type { Rewrapping } from '../storage/root-keys/rewrap-root-key.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { print, type Terminal } from './terminal.js';

export interface RotateKeysOptions {
  readonly now: boolean;
  readonly masterKey: boolean;
}

/**
 * `rotate-keys`: the next keys, published a day before they sign, or with `--now` at once; with `--master-key`
 * what opens the stored data is put under the key that `masterKey` names.
 */
export async function rotateKeys(directory: string, options: RotateKeysOptions, terminal: Terminal): Promise<number> {
  if (options.now && options.masterKey) {
    throw new CodedError('usage', {
      message: '--now is about the keys that sign; run the two one after the other.',
    });
  }
  const verdict = await checkDirectory(directory, terminal.environment);
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  if (options.masterKey) {
    const { rotateMasterKey } = await import('../rewrap-root-key.js');
    print(terminal.output, ...rewrapped(await rotateMasterKey(verdict.config), verdict.config.settings));
    return 0;
  }
  const { rotateSigningKeys } = await import('../rotate-keys.js');
  for (const [purpose, rotation] of await rotateSigningKeys(verdict.config, options.now)) {
    print(terminal.output, ...(options.now ? replaced(purpose, rotation) : followed(purpose, rotation)));
  }
  if (options.now) print(terminal.output, AFTER_A_LEAK);
  return 0;
}

function rewrapped({ before, after }: Rewrapping, { masterKey, previousMasterKey }: Settings): string[] {
  const same = before === after ? ', as before' : '';
  const next =
    previousMasterKey === undefined
      ? []
      : [
          `Next: remove previousMasterKey from the settings of every control plane; ${previousMasterKey} opens nothing any more.`,
        ];
  return [`What is stored now opens under ${masterKey}${same}. Control planes that run go on.`, ...next];
}

const AFTER_A_LEAK =
  'If the database or the master key leaked with it, more must change: see docs/guides/key-rotation.md.';

/** What each key signs, and what becomes of what an earlier one signed. */
const SIGNED: Readonly<Record<KeyPurpose, { readonly what: string; readonly replaced: string }>> = {
  tokens: {
    what: 'tokens',
    replaced:
      'What any earlier key signed is refused. Every app gets new tokens by itself; nobody has to sign in again.',
  },
  assertions: {
    what: 'assertions for MCP servers',
    replaced:
      'Servers that keep our public keys accept what an earlier one signed until they fetch /.well-known/jwks.json again.',
  },
};

function replaced(purpose: KeyPurpose, { kid }: Rotation): string[] {
  return [`Key ${kid} signs ${SIGNED[purpose].what} from now on.`, SIGNED[purpose].replaced];
}

function followed(purpose: KeyPurpose, { kid, activeFrom, oldUntil, pending }: Rotation): string[] {
  return [
    `Key ${kid} ${pending ? 'was published already, so nothing was changed' : 'is published now'}. It signs ${SIGNED[purpose].what} from ${timeText(activeFrom)} on.`,
    `What the key before it signed is accepted until ${timeText(oldUntil)}.`,
  ];
}

function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
