import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Paths } from '../commands/context.js';
import { writeFileAtomically } from '../system/atomic-file.js';

/** How one config file was before us. */
const undoStepSchema = z.object({
  /** SHA-256 of the text that we wrote, hex: only while it is that can the old text come back as it was. */
  written: z.string(),
  /** The copy of the old text; null where there was no file. */
  backup: z.string().nullable(),
});
export type UndoStep = z.output<typeof undoStepSchema>;

const undoRecordSchema = z.record(z.string(), undoStepSchema);
/** By config file. */
export type UndoRecord = Readonly<Record<string, UndoStep>>;

/** More files than any account has; the oldest are forgotten, and their entries then taken out by name. */
const LIMIT = 200;

const fileOf = (paths: Paths): string => join(paths.state, 'setup.json');

/** What `setup` did here before. A record that cannot be read is none: entries are then found by their name. */
export async function readUndoRecord(paths: Paths): Promise<UndoRecord> {
  try {
    return undoRecordSchema.parse(JSON.parse(await readFile(fileOf(paths), 'utf8')));
  } catch {
    return {};
  }
}

/** Throws CodedError config_invalid where it cannot be written. */
export async function saveUndoRecord(paths: Paths, record: UndoRecord): Promise<void> {
  const latest = Object.fromEntries(Object.entries(record).slice(-LIMIT));
  await writeFileAtomically(fileOf(paths), `${JSON.stringify(latest, null, 2)}\n`, 'config_invalid');
}

export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
