import { PATHS } from '#shared/api/paths.js';
import { sortedFaults } from '../config/fault-text.js';
import { keyText, type KeyPath } from '../config/key-path.js';
import type { LoadResult } from '../config/load.js';
import type { Fault, LoadedConfig } from '../config/settings.js';
import { credentialOf } from '../identity/idp/identity-providers.js';
import { inspectProvider } from '../identity/idp/inspection/inspect-provider.js';
import type { Objection } from '../identity/idp/inspection/objection.js';
import { waysOf } from '../identity/idp/presets.js';
import { issuerOf } from '../identity/resources.js';

export interface Answers {
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
  /** Providers with which nothing is wrong. */
  readonly agreeing: readonly string[];
}

/** Asks all identity providers at once whether they are what the settings say. Never rejects. */
export async function askProviders(config: LoadedConfig, locate: LoadResult['locate']): Promise<Answers> {
  const redirectUri = `${issuerOf(config.settings.publicUrl)}${PATHS.callback}`;
  const providers = Object.entries(config.settings.identity.providers);
  const all = await Promise.all(
    providers.map(async ([id, settings]) => {
      const credential = credentialOf(id, settings, config);
      const objections = await inspectProvider({ id, settings, ways: waysOf(settings), credential, redirectUri });
      return { id, objections };
    }),
  );
  const found = all.flatMap(({ id, objections }) => objections.map((objection) => ({ id, objection })));
  const faults = found.filter(({ objection }) => objection.severity === 'fault');
  const warnings = found.filter(({ objection }) => objection.severity === 'warning');
  return {
    faults: sortedFaults(faults.map(({ id, objection }) => locate({ ...placed(id, objection), ...objection }))),
    warnings: warnings.map(({ id, objection }) => warningText(id, objection)),
    agreeing: all.filter(({ objections }) => objections.length === 0).map(({ id }) => id),
  };
}

function placed(id: string, { key }: Objection): { readonly path: KeyPath; readonly at: 'key' | 'value' } {
  const path = ['identity', 'providers', id];
  return key === '' ? { path, at: 'key' } : { path: [...path, key], at: 'value' };
}

function warningText(id: string, objection: Objection): string {
  return `${keyText(placed(id, objection).path)}: ${objection.message} → ${objection.fix}`;
}
