import { asCoded, type ErrorCode } from '#shared/errors.js';
import { applySetup, applyUndo, planSetup, planUndo, type ConfigChange } from '../../apps/config-change.js';
import type { ServerEntry } from '../../apps/config-text/entry-slot.js';
import type { AppConfig } from '../../apps/registry.js';
import { readUndoRecord, saveUndoRecord, type UndoRecord, type UndoStep } from '../../apps/undo-record.js';
import type { CommandContext } from '../context.js';

/** What can come of one config file. */
export const CHANGES = ['none', 'added', 'corrected', 'removed', 'restored', 'deleted'] as const;

/** What came of one config file. */
export interface ConfigResult {
  readonly config: AppConfig;
  readonly change: (typeof CHANGES)[number];
  /** Copy of the file as it was. */
  readonly backup?: string;
  /** Why the file was left as it is. */
  readonly refused?: { readonly code: ErrorCode; readonly message: string };
}

/** The entry to set, or undefined where it is to go. */
export interface ConfigureOptions {
  readonly entry: ServerEntry | undefined;
  readonly dryRun: boolean;
}

/** Sets or removes our entry in each config by itself: a file that cannot be changed keeps no other from it. */
export async function configureApps(
  { paths, now }: Pick<CommandContext, 'paths' | 'now'>,
  configs: readonly AppConfig[],
  { entry, dryRun }: ConfigureOptions,
): Promise<ConfigResult[]> {
  let record = await readUndoRecord(paths);
  const results: ConfigResult[] = [];
  for (const config of configs) {
    try {
      const change = await (entry ? planSetup(config, entry) : planUndo(config, record));
      const result = { config, change: kindOf(change, entry !== undefined) };
      if (dryRun || !change.changed) {
        results.push(result);
        continue;
      }
      const applied = await (entry ? applySetup(change, record[config.file], now()) : applyUndo(change, now()));
      record = withStep(record, config.file, applied.undo);
      await saveUndoRecord(paths, record);
      results.push({ ...result, ...(applied.backup === undefined ? {} : { backup: applied.backup }) });
    } catch (error) {
      const { code, message } = asCoded(error);
      results.push({ config, change: 'none', refused: { code, message } });
    }
  }
  return results;
}

function withStep(record: UndoRecord, file: string, step: UndoStep | undefined): UndoRecord {
  const { [file]: _before, ...others } = record;
  return step ? { ...others, [file]: step } : others;
}

function kindOf({ changed, had, after, restored }: ConfigChange, setting: boolean): ConfigResult['change'] {
  if (!changed) return 'none';
  if (setting) return had ? 'corrected' : 'added';
  if (after === undefined) return 'deleted';
  return restored === undefined ? 'removed' : 'restored';
}
