import { checkSettings } from './check-settings.js';
import { keyText, valueAt, type Finding } from './key-path.js';
import { lostKey } from './lost-master-key.js';
import { DEFAULT_MASTER_KEY, readMasterKey } from './master-key.js';
import { schemaFindings } from './schema-findings.js';
import { SecretUnreadable } from './secret-reference.js';
import { settingsSchema, type LoadedConfig } from './settings.js';
import type { Surroundings } from './surroundings.js';

interface Judgement extends Partial<Pick<LoadedConfig, 'settings' | 'masterKey'>> {
  /** At most one for each key. */
  readonly findings: readonly Finding[];
}

/** Judges settings as plain data, by the schema and by every rule. Never throws for a bad value. */
export async function judgeSettings(around: Surroundings): Promise<Judgement> {
  const { value } = around;
  const parsed = settingsSchema.safeParse(value);
  const [rules, master] = await Promise.all([checkSettings(around), masterKeyOf(around)]);
  const schema = parsed.success ? [] : schemaFindings(parsed.error.issues, value);
  const findings = firstPerKey([...rules, ...schema, ...('finding' in master ? [master.finding] : [])]);
  return { findings, ...(parsed.success ? { settings: parsed.data } : {}), ...('masterKey' in master ? master : {}) };
}

async function masterKeyOf({
  value,
  directory,
  environment,
}: Surroundings): Promise<{ masterKey: Buffer } | { finding: Finding } | object> {
  const setting = valueAt(value, ['masterKey']) ?? DEFAULT_MASTER_KEY;
  if (typeof setting !== 'string') return {};
  try {
    return { masterKey: await readMasterKey(setting, directory, environment) };
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error;
    const lost = error.reason === 'absent' ? await lostKey({ value, directory, environment }) : undefined;
    return { finding: { path: ['masterKey'], at: 'value', message: error.message, fix: error.fix, ...lost } };
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
