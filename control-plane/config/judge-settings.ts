import { checkSettings } from './check-settings.js';
import { parseExternalKey } from './key-reference.js';
import { keyText, valueAt, type Finding } from './key-path.js';
import { lostKey } from './lost-master-key.js';
import { DEFAULT_MASTER_KEY, readMasterKey } from './master-key.js';
import { schemaFindings } from './schema-findings.js';
import { parseSecretReference, SecretUnreadable } from './secret-reference.js';
import { settingsSchema, type LoadedConfig } from './settings.js';
import type { Surroundings } from './surroundings.js';

interface Judgement extends Partial<Pick<LoadedConfig, 'settings' | 'masterKey' | 'previousMasterKey'>> {
  /** At most one for each key. */
  readonly findings: readonly Finding[];
}

/** Judges settings as plain data, by the schema and by every rule. Never throws for a bad value. */
export async function judgeSettings(around: Surroundings): Promise<Judgement> {
  const { value } = around;
  const parsed = settingsSchema.safeParse(value);
  const [rules, { finding, ...keys }, before] = await Promise.all([
    checkSettings(around),
    keyUnder('masterKey', around),
    keyUnder('previousMasterKey', around),
  ]);
  const schema = parsed.success ? [] : schemaFindings(parsed.error.issues, value);
  const { finding: another, ...previous } = before;
  const findings = firstPerKey([...rules, ...schema, ...[finding, another].filter((found) => found !== undefined)]);
  return { findings, ...(parsed.success ? { settings: parsed.data } : {}), ...keys, ...previous };
}

type KeyName = 'masterKey' | 'previousMasterKey';

/** The 32 bytes under one of the two keys; nothing where it is a key of a key service, which is asked at the start. */
async function keyUnder(
  name: KeyName,
  { value, directory, environment }: Surroundings,
): Promise<{ readonly [key in KeyName]?: Buffer } & { readonly finding?: Finding }> {
  const setting = valueAt(value, [name]) ?? (name === 'masterKey' ? DEFAULT_MASTER_KEY : undefined);
  if (typeof setting !== 'string' || parseExternalKey(setting) !== undefined) return {};
  if (parseSecretReference(setting) === undefined) return {};
  try {
    return { [name]: await readMasterKey(setting, directory, environment) };
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    const isLost = error.reason === 'absent' && name === 'masterKey';
    const lost = isLost ? await lostKey({ value, directory, environment }) : undefined;
    return { finding: { path: [name], at: 'value', message: error.message, fix: error.fix, ...lost } };
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
