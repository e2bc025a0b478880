import { databaseWarnings } from '../config/check-database.js';
import { faultText, sortedFaults } from '../config/fault-text.js';
import type { Finding, KeyPath } from '../config/key-path.js';
import { loadConfig, type LoadResult } from '../config/load.js';
import type { DirectoryTexts } from '../config/read-directory.js';
import type { Environment } from '../config/secret-reference.js';
import type { CredentialSettings, Fault, LoadedConfig, Settings } from '../config/settings.js';
import { warningsOf } from '../config/warnings.js';
import { credentialObjections } from '../credentials/check-credential.js';
import { judgePolicies, type PolicyChecks, type PolicyVerdict } from '../policy/judge-policies.js';

export interface Verdict {
  /** Only where there is no fault. */
  readonly config?: LoadedConfig;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
  /** A further finding as a fault, with its line. */
  readonly locate: LoadResult['locate'];
}

interface Judging {
  /** As the directory was read; without it, as it is. */
  readonly texts?: DirectoryTexts;
  readonly checks?: PolicyChecks;
  /** How grave it is where a policy does not fit a tool's definition: whoever serves the policies denies that tool. */
  readonly misfits?: 'fault' | 'warning';
}

/** Judges a whole configuration directory, settings and policies together. */
export async function checkDirectory(
  directory: string,
  environment: Environment,
  { texts, checks, misfits = 'warning' }: Judging = {},
): Promise<Verdict> {
  const { config, faults, policyFiles, readable, locate } = await loadConfig(directory, environment, texts);
  const policies = await judgePolicies(policyFiles, readable, config?.settings, checks);
  const tolerated = misfits === 'warning' ? policies.misfits : policies.unseen;
  const grave = policies.faults.filter((fault) => !tolerated.includes(fault));
  const all = sortedFaults([...faults, ...credentialFindings(readable).map(locate), ...grave]);
  if (!config || all.length > 0) return { faults: all, warnings: [], locate };
  const denied = misfits === 'warning' ? tolerated.map(deniedTool) : unseenSentence(policies);
  const warnings = [
    ...(await databaseWarnings(config)),
    ...warningsOf(config.settings),
    ...policies.warnings,
    ...denied,
  ];
  return { config, faults: [], warnings, locate };
}

function deniedTool(misfit: Fault): string {
  return `${faultText(misfit)}; until then its tool is denied`;
}

/** What only a database may know. */
function unseenSentence({ unseen }: PolicyVerdict): string[] {
  if (unseen.length === 0) return [];
  const places = unseen.slice(0, 10).map(({ file, line, key }) => `${file}:${line} ${key}`);
  const more = unseen.length > places.length ? ` and ${unseen.length - places.length} more` : '';
  return [
    `${[...new Set(places)].join(', ')}${more}: not checked against the arguments that are read there, and tests of these tools not run, since mcp-sso.lock.yaml does not name the tools; the running control plane knows what was accepted: mcp-sso policy check`,
  ];
}

/** What speaks against the servers' credentials, as far as no schema can say it. */
export function credentialFindings({ servers }: Settings): Finding[] {
  return Object.entries(servers).flatMap(([id, { url, credential, credentialFor }]) => {
    const placed = [
      { path: ['servers', id, 'credential'], credential },
      ...credentialFor.map((entry, index) => {
        return { path: ['servers', id, 'credentialFor', index, 'credential'], credential: entry.credential };
      }),
    ];
    return placed.flatMap(({ path, credential: one }) => (one && url !== undefined ? findingsAt(path, one, url) : []));
  });
}

function findingsAt(path: KeyPath, credential: CredentialSettings, url: string): Finding[] {
  return credentialObjections(credential, url).map(({ key, message, fix }): Finding => {
    return { path: path.concat(key), at: 'value', message, fix };
  });
}
