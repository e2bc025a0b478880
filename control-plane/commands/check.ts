import { resolve } from 'node:path';
import { ERRORS } from '#shared/errors.js';
import { NOT_FILLED_IN } from '../config/check-settings.js';
import { faultText } from '../config/fault-text.js';
import { LOCK_FILE } from '../config/policy-files.js';
import type { Fault, LoadedConfig } from '../config/settings.js';
import { checkDirectory, type Verdict } from './check-directory.js';
import { print, type Terminal } from './terminal.js';

export interface CheckOptions {
  readonly json: boolean;
  /** Whether identity providers, webhooks, mail server and sinks of the audit are left alone. */
  readonly offline: boolean;
}

/** `check`: every fault of the directory and then of those whom it names, or one line that says what it holds. */
export async function check(directory: string, options: CheckOptions, terminal: Terminal): Promise<number> {
  const verdict = await checkDirectory(directory, terminal.environment, { misfits: 'fault' });
  const { agreeing, ...judged } = options.offline ? { ...verdict, agreeing: [] } : await withAnswers(verdict);
  const { config, faults, warnings } = judged;
  const ok = config !== undefined;
  if (options.json) {
    print(terminal.output, JSON.stringify({ ok, faults, warnings }, undefined, 2));
  } else {
    print(terminal.output, ...agreeing, ...report(judged, directory));
  }
  return ok ? 0 : ERRORS.config_invalid.exit;
}

/** The verdict once identity providers, webhooks, mail server and sinks of the audit were asked, which needs settings without a fault. */
async function withAnswers(verdict: Verdict): Promise<Verdict & { readonly agreeing: readonly string[] }> {
  const { config, locate } = verdict;
  if (!config) return { ...verdict, agreeing: [] };
  const [{ askProviders }, { askChannels }, { askExports }] = await Promise.all([
    import('./ask-providers.js'),
    import('./ask-channels.js'),
    import('./ask-exports.js'),
  ]);
  const [providers, channels, exports] = await Promise.all([
    askProviders(config, locate),
    askChannels(config),
    askExports(config),
  ]);
  const { faults } = providers;
  const agreeing = [
    ...providers.agreeing.map((id) => `The identity provider ${id} answers, and accepts our credentials.`),
    ...channels.agreeing.map((name) => `The other side of ${name} answers; nothing was sent.`),
    ...exports.agreeing.map((name) => `The audit export ${name} would be taken; no record was sent.`),
  ];
  const all = {
    faults,
    warnings: [...verdict.warnings, ...providers.warnings, ...channels.warnings, ...exports.warnings],
    locate,
    agreeing,
  };
  return faults.length === 0 ? { config, ...all } : all;
}

/** The lines for a person. */
export function report({ config, faults, warnings }: Verdict, directory: string): string[] {
  const warned = warnings.map((warning) => `warning: ${warning}`);
  if (!config) return [...warned, ...faults.map(faultText), '', ...summaryOfFaults(faults, directory)];
  return [...warned, `ok: ${summary(config)}`, `Next: mcp-sso-control-plane start --config ${directory}`];
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
  const tests = policyFiles.filter(({ file }) => file.endsWith('.test.yaml')).length;
  return [
    settings.publicUrl,
    counted(Object.keys(settings.identity.providers).length, 'identity provider', 'identity providers'),
    counted(Object.keys(settings.servers).length, 'server', 'servers'),
    counted(policyFiles.filter(({ file }) => file.endsWith('.cedar')).length, 'policy file', 'policy files'),
    ...(tests === 0 ? [] : [counted(tests, 'test file', 'test files')]),
    ...(policyFiles.some(({ file }) => file === LOCK_FILE) ? [LOCK_FILE] : []),
  ].join(', ');
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
