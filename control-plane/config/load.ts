import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkSettings } from './check-settings.js';
import { sortedFaults } from './fault-text.js';
import { keyText, valueAt, type Finding } from './key-path.js';
import { DEFAULT_MASTER_KEY, readMasterKey } from './master-key.js';
import { readPolicyFiles } from './policy-files.js';
import { readableSettings } from './readable-settings.js';
import { schemaFindings } from './schema-findings.js';
import { SecretUnreadable, type Environment } from './secret-reference.js';
import { settingsSchema, type Fault, type LoadedConfig, type PolicyFile, type Settings } from './settings.js';
import { readYaml, type YamlSource } from './yaml-source.js';

export const SETTINGS_FILE = 'mcp-sso.yaml';

export interface LoadResult {
  /** Only where nothing at all is wrong. */
  readonly config?: LoadedConfig;
  /** Sorted by file and line. */
  readonly faults: Fault[];
  readonly policyFiles: readonly PolicyFile[];
  /** Servers and providers as far as they can be read, to judge policies by even where other keys have faults. */
  readonly readable: Settings;
  /** A finding of another part as a fault of the settings file, with its line. */
  readonly locate: (finding: Finding) => Fault;
}

/** Reads and judges a configuration directory. Every fault is reported at once; never throws for a bad file. */
export async function loadConfig(directory: string, environment: Environment): Promise<LoadResult> {
  const root = resolve(directory);
  const [text, { policyFiles, faults: policyFaults }] = await Promise.all([readSettings(root), readPolicyFiles(root)]);
  const source = readYaml(SETTINGS_FILE, text ?? '');
  const locate = (one: Finding): Fault => faultOf(one, source);
  const common = { policyFiles, readable: readableSettings(source.value), locate };
  if (text === undefined) return { faults: [noSettings(root)], ...common };
  const { findings, settings, masterKey } = await judge(source, root, environment);
  const faults = sortedFaults([...source.faults, ...findings.map(locate), ...policyFaults]);
  const config =
    faults.length === 0 && settings && masterKey
      ? { directory: root, settings, policyFiles, masterKey, environment }
      : undefined;
  return { ...(config ? { config } : {}), faults, ...common };
}

interface Judgement extends Partial<Pick<LoadedConfig, 'settings' | 'masterKey'>> {
  readonly findings: readonly Finding[];
}

async function judge(source: YamlSource, directory: string, environment: Environment): Promise<Judgement> {
  if (!source.readable) return { findings: [] };
  const { value } = source;
  const parsed = settingsSchema.safeParse(value);
  const [rules, master] = await Promise.all([
    checkSettings({ value, directory, environment }),
    masterKeyOf(value, directory, environment),
  ]);
  const schema = parsed.success ? [] : schemaFindings(parsed.error.issues, value);
  const findings = firstPerKey([...rules, ...schema, ...('finding' in master ? [master.finding] : [])]);
  return { findings, ...(parsed.success ? { settings: parsed.data } : {}), ...('masterKey' in master ? master : {}) };
}

async function masterKeyOf(
  value: unknown,
  directory: string,
  environment: Environment,
): Promise<{ masterKey: Buffer } | { finding: Finding } | object> {
  const setting = valueAt(value, ['masterKey']) ?? DEFAULT_MASTER_KEY;
  if (typeof setting !== 'string') return {};
  try {
    return { masterKey: await readMasterKey(setting, directory, environment) };
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    return { finding: { path: ['masterKey'], at: 'value', message: error.message, fix: error.fix } };
  }
}

/** One fault a key: what the rules say is more exact than what the schema says of the same value. */
function firstPerKey(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, Finding>();
  for (const finding of findings) {
    const key = keyText(finding.path);
    if (!seen.has(key)) seen.set(key, finding);
  }
  return [...seen.values()];
}

function faultOf({ path, at, message, fix }: Finding, source: YamlSource): Fault {
  return { file: SETTINGS_FILE, ...source.place(path, at), key: keyText(path), message, fix };
}

async function readSettings(root: string): Promise<string | undefined> {
  return readFile(join(root, SETTINGS_FILE), 'utf8').catch(() => undefined);
}

function noSettings(root: string): Fault {
  const fix = `run: mcp-sso-control-plane init --config ${root}`;
  return { file: SETTINGS_FILE, line: 1, column: 1, key: '', message: `there is no readable file in ${root}`, fix };
}
