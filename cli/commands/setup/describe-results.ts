import type { ServerEntry } from '../../apps/config-text/entry-slot.js';
import { ENTRY_NAME } from '../../apps/entry-text.js';
import type { AppConfig } from '../../apps/registry.js';
import { printable } from '../../system/printable.js';
import type { ConfigResult, ConfigureOptions } from './configure-apps.js';

/** What came of each file, for a person. Of a file's own text nothing is shown: other entries hold secrets. */
export function describeResults(results: readonly ConfigResult[], { entry, dryRun }: ConfigureOptions): string {
  const lines = results.filter(({ refused }) => !refused).map((result) => describe(result, entry, dryRun));
  const changed = results.filter(({ change }) => change !== 'none').map(({ config }) => config.app.title);
  const titles = [...new Set(changed)].join(', ');
  return lines.join('') + (dryRun || titles === '' ? '' : `Restart ${titles} to load the change.\n`);
}

function describe({ config, change, backup }: ConfigResult, entry: ServerEntry | undefined, dryRun: boolean): string {
  const file = `${config.app.title}: ${printable(config.file)}`;
  if (change === 'none') return `${file}: nothing to change.\n`;
  const kept = backup ? `  The file as it was: ${printable(backup)}\n` : '';
  return `${file}${dryRun ? ' would change' : ' changed'}:\n${differenceOf(config, change, entry)}${kept}`;
}

function differenceOf({ app }: AppConfig, change: ConfigResult['change'], entry: ServerEntry | undefined): string {
  const name = `${app.key}.${ENTRY_NAME}`;
  const added = `  + ${name} = ${JSON.stringify(entry)}\n`;
  const lines: Record<ConfigResult['change'], string> = {
    none: '',
    added,
    corrected: `  - ${name} as it was\n${added}`,
    removed: `  - ${name}\n`,
    restored: `  - ${name} (the file is as it was before)\n`,
    deleted: `  - ${name}, and the file with it: there was none before\n`,
  };
  return lines[change];
}

/** One config file in the JSON document. */
export function resultFields({ config, change, backup, refused }: ConfigResult): object {
  const fields = { app: config.app.id, file: config.file, changed: change !== 'none', change, backup: backup ?? null };
  return refused ? { ...fields, error: refused } : fields;
}
