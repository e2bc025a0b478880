import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import type { Stack } from '../../demo/stack/stack.js';

/** Makes every session look as if its person had last signed in at the identity provider that many seconds earlier, where that is known. The control plane must be stopped. */
export function ageSignIns(stack: Stack, seconds: number): void {
  const database = new SQLite(join(stack.config, 'data', 'mcp-sso.db'));
  try {
    database.prepare('UPDATE sessions SET auth_time = auth_time - ? WHERE auth_time > 0').run(seconds * 1000);
  } finally {
    database.close();
  }
}

/** Makes every session look as if the identity provider was asked that many seconds earlier. The control plane must be stopped. */
export function ageChecks(stack: Stack, seconds: number): void {
  const database = new SQLite(join(stack.config, 'data', 'mcp-sso.db'));
  try {
    database.prepare('UPDATE sessions SET idp_checked_at = idp_checked_at - ?').run(seconds * 1000);
  } finally {
    database.close();
  }
}

/** Makes every device code ten minutes older. The control plane must be stopped. */
export function ageDeviceCodes(stack: Stack): void {
  const database = new SQLite(join(stack.config, 'data', 'mcp-sso.db'));
  try {
    database.prepare("UPDATE oidc_payloads SET expires_at = expires_at - 600000 WHERE model = 'DeviceCode'").run();
  } finally {
    database.close();
  }
}
