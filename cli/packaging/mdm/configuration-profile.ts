import { v5 } from 'uuid';
import type { Kit } from './kit.js';
import { propertyList, type PropertyDictionary } from './property-list.js';

export interface Payload {
  /** The preference domain: `com.mcp-sso.bridge`. */
  readonly domain: string;
  readonly title: string;
  readonly settings: PropertyDictionary;
}

/** Of our own; v5 ids of it are the same in every run, so that an MDM replaces a profile instead of adding one. */
const NAMESPACE = '7d0f27c2-1f0e-4b55-9a35-5c6a0f4c7d10';

/** A device profile (.mobileconfig) of one payload: the domain’s managed preferences, which no person can change. */
export function configurationProfile(kit: Kit, { domain, title, settings }: Payload, comment?: string): string {
  const identifier = `com.mcp-sso.profile.${domain}`;
  const common = { PayloadVersion: 1, PayloadOrganization: kit.organization, PayloadDisplayName: title };
  const payload = {
    ...common,
    PayloadType: domain,
    PayloadIdentifier: `${identifier}.settings`,
    PayloadUUID: payloadId(`${identifier}.settings`),
    ...settings,
  };
  const profile = {
    ...common,
    PayloadType: 'Configuration',
    PayloadScope: 'System',
    PayloadIdentifier: identifier,
    PayloadUUID: payloadId(identifier),
    PayloadContent: [payload],
  };
  return propertyList(profile, comment);
}

function payloadId(identifier: string): string {
  return v5(identifier, NAMESPACE).toUpperCase();
}
