import { rm } from 'node:fs/promises';
import { writeFileAtomically } from '../system/atomic-file.js';
import type { ServerEntry } from './config-text/entry-slot.js';
import { readConfigFile, removeConfigFile, writeConfigFile, type ConfigFile } from './config-file.js';
import { withEntry } from './entry-text.js';
import type { AppConfig } from './registry.js';
import { fingerprint, type UndoRecord, type UndoStep } from './undo-record.js';

/** What would change in one config file. */
export interface ConfigChange {
  readonly config: AppConfig;
  readonly was: ConfigFile | undefined;
  /** Undefined: the file goes, because we made it. */
  readonly after: string | undefined;
  readonly changed: boolean;
  /** Whether an entry of our name was there. */
  readonly had: boolean;
  /** The copy that an undo gave back. */
  readonly restored?: string;
}

/** What was done, and how it can be undone; `undo` is undefined where only the entry itself can be taken out. */
export interface AppliedChange {
  /** Copy of the file as it was; undefined where there was none, or an older copy holds that. */
  readonly backup: string | undefined;
  readonly undo: UndoStep | undefined;
}

/** Works out the change that sets our entry. Throws CodedError config_invalid where the file is not what the app reads. */
export async function planSetup(config: AppConfig, entry: ServerEntry): Promise<ConfigChange> {
  const was = await readConfigFile(config.file);
  const after = withEntry(was?.text ?? '', config, entry);
  const had = was !== undefined && withEntry(was.text, config, undefined) !== was.text;
  return { config, was, after, changed: after !== was?.text, had };
}

/**
 * Works out the change that takes our entry out: the file as it was, byte for byte, while nobody else has changed it
 * since; the entry alone otherwise.
 */
export async function planUndo(config: AppConfig, record: UndoRecord): Promise<ConfigChange> {
  const was = await readConfigFile(config.file);
  if (!was) return { config, was, after: undefined, changed: false, had: false };
  const step = record[config.file];
  if (step?.written === fingerprint(was.text)) {
    if (step.backup === null) return { config, was, after: undefined, changed: true, had: true };
    const old = await readConfigFile(step.backup);
    if (old) return { config, was, after: old.text, changed: true, had: true, restored: step.backup };
  }
  const after = withEntry(was.text, config, undefined);
  const changed = after !== was.text;
  return { config, was, after, changed, had: changed };
}

/** Writes a planned setup as a whole, next to a copy of what was there. */
export async function applySetup(
  change: ConfigChange,
  earlier: UndoStep | undefined,
  now: Date,
): Promise<AppliedChange> {
  const { config, was, after } = change;
  if (!change.changed || after === undefined) return { backup: undefined, undo: earlier };
  const chained = was !== undefined && earlier?.written === fingerprint(was.text);
  const backup = was && !chained ? await keepCopy(was, now) : undefined;
  await writeConfigFile(config.file, was, after);
  if (chained) return { backup, undo: { ...earlier, written: fingerprint(after) } };
  return { backup, undo: change.had ? undefined : { written: fingerprint(after), backup: backup ?? null } };
}

/** Writes a planned undo. A copy that was given back byte for byte goes. */
export async function applyUndo(
  { config, was, after, changed, restored }: ConfigChange,
  now: Date,
): Promise<AppliedChange> {
  if (!changed || !was) return { backup: undefined, undo: undefined };
  if (after === undefined) {
    await removeConfigFile(was);
    return { backup: undefined, undo: undefined };
  }
  const backup = restored === undefined ? await keepCopy(was, now) : undefined;
  await writeConfigFile(config.file, was, after);
  if (restored !== undefined) await rm(restored, { force: true });
  return { backup, undo: undefined };
}

async function keepCopy({ file, text, mode }: ConfigFile, now: Date): Promise<string> {
  const backup = `${file}.${now.toISOString().replaceAll(':', '-')}.backup`;
  await writeFileAtomically(backup, text, 'config_invalid', { mode });
  return backup;
}
