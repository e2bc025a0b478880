import type { CatalogContent } from '../catalog/content.js';
import type { ProposedContent } from '../catalog/validation.js';
import { faultText } from '../config/fault-text.js';
import { judgeSettings } from '../config/judge-settings.js';
import { keyText, type Finding } from '../config/key-path.js';
import { readableSettings } from '../config/readable-settings.js';
import type { LoadedConfig } from '../config/settings.js';
import { judgePolicies, type PolicyChecks } from '../policy/judge-policies.js';
import { credentialFindings } from './check-directory.js';

interface ContentVerdict {
  /** Only where there is no fault. */
  readonly content?: CatalogContent;
  /** One line each, fit to show. */
  readonly faults: readonly string[];
}

/** Judges servers, roles and policies that come from elsewhere, beside the settings that this process was started with. */
export async function checkContent(
  { servers, roles, policyFiles }: ProposedContent,
  { settings: base, directory, environment }: LoadedConfig,
  checks?: PolicyChecks,
): Promise<ContentVerdict> {
  const value = { ...base, servers, roles };
  const { findings, settings } = await judgeSettings({ value, directory, environment });
  const readable = readableSettings(value);
  const policies = await judgePolicies(policyFiles, readable, settings, checks);
  const faults = [
    ...[...findings, ...credentialFindings(readable)].filter(isAboutContent).map(findingText),
    ...policies.faults.map(faultText),
  ];
  if (!settings || faults.length > 0) return { faults };
  return { content: { servers: settings.servers, roles: settings.roles, policyFiles }, faults: [] };
}

/** The rest was judged when the process was started. */
function isAboutContent({ path: [key] }: Finding): boolean {
  return key === 'servers' || key === 'roles';
}

function findingText({ path, message, fix }: Finding): string {
  return `${keyText(path)}: ${message} → ${fix}`.replaceAll(/\p{Cc}/gu, '\u{fffd}');
}
