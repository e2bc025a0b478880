import { databaseWarnings } from '../config/check-database.js';
import { faultText, sortedFaults } from '../config/fault-text.js';
import type { Finding } from '../config/key-path.js';
import { loadConfig, type LoadResult } from '../config/load.js';
import type { DirectoryTexts } from '../config/read-directory.js';
import type { Environment } from '../config/secret-reference.js';
import type { Fault, LoadedConfig, Settings } from '../config/settings.js';
import { warningsOf } from '../config/warnings.js';
import { credentialObjections } from '../credentials/check-credential.js';
import { judgePolicies, type Compile } from '../policy/judge-policies.js';

export interface Verdict {
  /** Only where there is no fault. */
  readonly config?: LoadedConfig;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
  /** A further finding as a fault, with its line. */
  readonly locate: LoadResult['locate'];
}

/**
 * Judges a whole configuration directory, settings and policies together, as it is or as it was read into `texts`.
 * @param misfits how grave it is where a policy does not fit a tool's definition. Whoever serves the policies denies that tool.
 */
export async function checkDirectory(
  directory: string,
  environment: Environment,
  texts?: DirectoryTexts,
  compile?: Compile,
  misfits: 'fault' | 'warning' = 'fault',
): Promise<Verdict> {
  const { config, faults, policyFiles, readable, locate } = await loadConfig(directory, environment, texts);
  const policies = await judgePolicies(policyFiles, readable, config?.settings, compile);
  const tolerated = misfits === 'warning' ? policies.misfits : [];
  const grave = policies.faults.filter((fault) => !tolerated.includes(fault));
  const all = sortedFaults([...faults, ...credentialFindings(readable).map(locate), ...grave]);
  if (!config || all.length > 0) return { faults: all, warnings: [], locate };
  const denied = tolerated.map((fault) => `${faultText(fault)}; until then its tool is denied`);
  const warnings = [...(await databaseWarnings(config)), ...warningsOf(config.settings, policyFiles), ...denied];
  return { config, faults: [], warnings, locate };
}

/** What speaks against the servers' credentials, as far as no schema can say it. */
export function credentialFindings({ servers }: Settings): Finding[] {
  return Object.entries(servers).flatMap(([id, { url, credential }]) => {
    const objections = credential && url !== undefined ? credentialObjections(credential, url) : [];
    return objections.map(({ key, message, fix }): Finding => {
      return { path: ['servers', id, 'credential', key], at: 'value', message, fix };
    });
  });
}
