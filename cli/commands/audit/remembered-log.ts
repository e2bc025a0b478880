import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { CodedError } from '#shared/errors.js';
import { writeFileAtomically } from '../../system/atomic-file.js';
import type { Paths } from '../context.js';

const rememberedSchema = z.object({
  /** C2SP verifier key, as first seen. */
  verifierKey: z.string(),
  /** The last checkpoint (signed note) that held. */
  checkpoint: z.string(),
});

/** What this person knows of a control plane's log from an earlier check; it can't be changed from there. */
export type RememberedLog = z.output<typeof rememberedSchema>;

export function rememberedLogFile(paths: Paths, origin: string): string {
  return join(paths.state, 'audit-logs', `${encodeURIComponent(origin)}.json`);
}

/** Undefined before the first check. Throws `config_invalid` for a file that is damaged. */
export async function readRememberedLog(file: string): Promise<RememberedLog | undefined> {
  try {
    const remembered = rememberedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    if (openCheckpoint(remembered.checkpoint, remembered.verifierKey)) return remembered;
    throw new Error('its checkpoint is not signed by its key');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new CodedError('config_invalid', {
      message: `${file} is damaged. It holds the audit log’s key as first seen: delete it, check again, and compare the key that is printed with the one your administrator published.`,
      cause,
    });
  }
}

export async function rememberLog(file: string, log: RememberedLog): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(log, null, 2)}\n`, 'config_invalid');
}
