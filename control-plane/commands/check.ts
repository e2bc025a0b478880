import { resolve } from 'node:path';
import { ERRORS } from '#shared/errors.js';
import { NOT_FILLED_IN } from '../config/check-settings.js';
import { faultText } from '../config/fault-text.js';
import type { Fault, LoadedConfig } from '../config/settings.js';
import { checkDirectory, type Verdict } from './check-directory.js';
import { print, type Terminal } from './terminal.js';

/** `check`: every fault of the directory, or one line that says what it holds. */
export async function check(directory: string, options: { json: boolean }, terminal: Terminal): Promise<number> {
  const verdict = await checkDirectory(directory, terminal.environment);
  const ok = verdict.config !== undefined;
  if (options.json) {
    print(terminal.output, JSON.stringify({ ok, faults: verdict.faults, warnings: verdict.warnings }, undefined, 2));
  } else {
    print(terminal.output, ...report(verdict, directory));
  }
  return ok ? 0 : ERRORS.config_invalid.exit;
}

/** The lines for a person. */
export function report({ config, faults, warnings }: Verdict, directory: string): string[] {
  if (!config) return [...faults.map(faultText), '', ...summaryOfFaults(faults, directory)];
  return [
    ...warnings.map((warning) => `warning: ${warning}`),
    `ok: ${summary(config)}`,
    `Next: mcp-sso-control-plane start --config ${directory}`,
  ];
}

function summaryOfFaults(faults: readonly Fault[], directory: string): string[] {
  const open = faults.filter(({ message }) => message === NOT_FILLED_IN).length;
  const openPart = open === 0 ? '' : `, of which ${counted(open, 'value is', 'values are')} still to be filled in`;
  return [
    `${counted(faults.length, 'fault', 'faults')} in ${resolve(directory)}${openPart}.`,
    `Correct ${faults.length === 1 ? 'it' : 'them'}, then run: mcp-sso-control-plane check --config ${directory}`,
  ];
}

function summary({ settings, policyFiles }: LoadedConfig): string {
  return [
    settings.publicUrl,
    counted(Object.keys(settings.identity.providers).length, 'identity provider', 'identity providers'),
    counted(Object.keys(settings.servers).length, 'server', 'servers'),
    counted(policyFiles.length, 'policy file', 'policy files'),
  ].join(', ');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
