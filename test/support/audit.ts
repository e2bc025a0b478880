import { auditPageSchema, type AuditEntry, type AuditPage } from '#shared/api/audit.js';
import { PATHS } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { credentials, send } from './http.js';
import type { SignedIn } from './person.js';

/** Audit entries that match the filters, newest first, read over the admin API; at most a thousand. */
export async function searchAudit(
  stack: Stack,
  auditor: SignedIn,
  filters: Readonly<Record<string, string>> = {},
): Promise<readonly AuditEntry[]> {
  return (await auditPage(stack, auditor, filters)).entries;
}

/** All of them, page by page. */
export async function searchWholeAudit(
  stack: Stack,
  auditor: SignedIn,
  filters: Readonly<Record<string, string>>,
): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: AuditPage = await auditPage(stack, auditor, { ...filters, ...(cursor === '' ? {} : { cursor }) });
    entries.push(...page.entries);
    cursor = page.nextCursor;
  }
  return entries;
}

async function auditPage(
  stack: Stack,
  auditor: SignedIn,
  filters: Readonly<Record<string, string>>,
): Promise<AuditPage> {
  const query = new URLSearchParams({ limit: '1000', ...filters }).toString();
  const url = `${stack.addresses.publicUrl}${PATHS.audit}?${query}`;
  const answer = await send(url, { headers: await credentials(auditor, 'GET', url) });
  if (answer.status !== 200) throw new Error(`The audit answered ${answer.status}: ${answer.text}`);
  return auditPageSchema.parse(JSON.parse(answer.text));
}
