import type { MachineSettings, ServiceAccountSettings } from '../../config/machine-settings.js';
import type { PersonProfile } from '../sessions/persons.js';

/** In place of a provider's name, which must not be this. */
const SERVICE = 'service';
const PREFIX = `${SERVICE}/`;

export interface ServiceAccount {
  readonly name: string;
  readonly settings: ServiceAccountSettings;
}

/** The OAuth client of a service account, which is also its own group in policies and its subject. */
export function clientIdOf(name: string): string {
  return PREFIX + name;
}

export function accountOf(clientId: string, { serviceAccounts }: MachineSettings): ServiceAccount | undefined {
  const name = clientId.startsWith(PREFIX) ? clientId.slice(PREFIX.length) : '';
  const settings = Object.hasOwn(serviceAccounts, name) ? serviceAccounts[name] : undefined;
  return settings && { name, settings };
}

/** `service/NAME` first, then the groups that the settings give it. */
export function groupsOf({ name, settings }: ServiceAccount): string[] {
  return [...new Set([clientIdOf(name), ...settings.groups])];
}

/** Its row among people: issued by us, so that no IdP can name it. */
export function profileOf({ name }: ServiceAccount, issuer: string): PersonProfile {
  const subject = clientIdOf(name);
  return { provider: SERVICE, issuer, subject, email: null, name: subject };
}
