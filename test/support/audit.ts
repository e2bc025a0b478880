import { auditPageSchema, type AuditEntry } from '#shared/api/audit.js';
import { PATHS } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import { credentials, send } from './http.js';
import type { SignedIn } from './person.js';

/** Audit entries that match the filters, newest first, read over the admin API. */
export async function searchAudit(
  stack: Stack,
  auditor: SignedIn,
  filters: Readonly<Record<string, string>> = {},
): Promise<readonly AuditEntry[]> {
  const query = new URLSearchParams({ limit: '1000', ...filters }).toString();
  const url = `${stack.addresses.publicUrl}${PATHS.audit}?${query}`;
  const answer = await send(url, { headers: await credentials(auditor, 'GET', url) });
  if (answer.status !== 200) throw new Error(`The audit answered ${answer.status}: ${answer.text}`);
  return auditPageSchema.parse(JSON.parse(answer.text)).entries;
}
