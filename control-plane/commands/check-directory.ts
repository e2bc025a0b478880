import { sortedFaults } from '../config/fault-text.js';
import type { Finding } from '../config/key-path.js';
import { loadConfig } from '../config/load.js';
import type { Environment } from '../config/secret-reference.js';
import type { Fault, LoadedConfig, Settings } from '../config/settings.js';
import { warningsOf } from '../config/warnings.js';
import { credentialObjections } from '../credentials/check-credential.js';
import { compilePolicies } from '../policy/compile.js';

export interface Verdict {
  /** Only where there is no fault. */
  readonly config?: LoadedConfig;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
}

/** Judges a whole configuration directory, settings and policies together. */
export async function checkDirectory(directory: string, environment: Environment): Promise<Verdict> {
  const { config, faults, policyFiles, readable, locate } = await loadConfig(directory, environment);
  const all = sortedFaults([
    ...faults,
    ...credentialFindings(readable).map(locate),
    ...compilePolicies(policyFiles, readable).faults,
  ]);
  if (!config || all.length > 0) return { faults: all, warnings: [] };
  return { config, faults: [], warnings: warningsOf(config.settings, policyFiles) };
}

function credentialFindings({ servers }: Settings): Finding[] {
  return Object.entries(servers).flatMap(([id, { url, credential }]) => {
    const objections = credential && url !== undefined ? credentialObjections(credential, url) : [];
    return objections.map(({ key, message, fix }): Finding => {
      return { path: ['servers', id, 'credential', key], at: 'value', message, fix };
    });
  });
}
