import type { Check } from './check.js';
import { APP_CONFIG } from './checks/app-config.js';
import { BRIDGES } from './checks/bridges.js';
import { CLOCK } from './checks/clock.js';
import { CONNECTION } from './checks/connection.js';
import { CONTROL_PLANE } from './checks/control-plane.js';
import { CREDENTIAL_STORE } from './checks/credential-store.js';
import { DNS } from './checks/dns.js';
import { FOLDERS } from './checks/folders.js';
import { IDENTITY_PROVIDER } from './checks/identity-provider.js';
import { PROGRAM } from './checks/program.js';
import { PROXY } from './checks/proxy.js';
import { SERVERS } from './checks/servers.js';
import { SESSION } from './checks/session.js';
import { SETTINGS } from './checks/settings.js';
import { TLS } from './checks/tls.js';
import { WINDOWS_RUNTIME } from './checks/windows-runtime.js';

/** Everything that doctor looks at, in the order in which it is shown; what needs another check comes after it. */
const CHECKS: readonly Check[] = [
  SETTINGS,
  PROGRAM,
  WINDOWS_RUNTIME,
  APP_CONFIG,
  FOLDERS,
  CREDENTIAL_STORE,
  BRIDGES,
  PROXY,
  DNS,
  CONNECTION,
  CLOCK,
  TLS,
  CONTROL_PLANE,
  IDENTITY_PROVIDER,
  SESSION,
  SERVERS,
];

/** Those for which there is something to look at on a system. */
export function checksOn(platform: NodeJS.Platform): readonly Check[] {
  return CHECKS.filter(({ platforms }) => platforms?.includes(platform) ?? true);
}
