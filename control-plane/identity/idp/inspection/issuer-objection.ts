import type { Preset } from '../../../config/provider-settings.js';
import { placeOf } from './console-places.js';
import { quoted, type InspectedProvider, type Metadata, type Objection } from './objection.js';

const ENTRA_VERSION_1 = 'sts.windows.net';

/** The issuer must be the configured one, character by character (OpenID Connect Discovery §4.3). */
export function issuerObjection({ issuer: named }: Metadata, { settings }: InspectedProvider): Objection[] {
  const { issuer, preset } = settings;
  if (named === issuer) return [];
  const place = placeOf(preset, 'issuer');
  if (typeof named !== 'string') {
    return [
      {
        severity: 'fault',
        key: 'issuer',
        message: 'the metadata at this address names no issuer',
        fix: `correct the address; ${place}`,
      },
    ];
  }
  const shown = quoted(named);
  return [
    {
      severity: 'fault',
      key: 'issuer',
      message: `the provider calls itself ${shown}, ${differenceOf(issuer, named, preset)}`,
      fix: `write ${shown} where that is your company’s provider, else correct the address; ${place}`,
    },
  ];
}

/** Ends a sentence that began with what the provider calls itself. */
function differenceOf(configured: string, named: string, preset: Preset): string {
  if (`${configured}/` === named) return 'with a slash at the end';
  if (configured === `${named}/`) return 'without a slash at the end';
  const [ours, theirs] = [URL.parse(configured), URL.parse(named)];
  if (!ours || !theirs) return 'which is no address';
  if (theirs.hostname === ENTRA_VERSION_1)
    return 'as in version 1 of its tokens; the address of version 2 ends in /v2.0';
  if (ours.host !== theirs.host) return 'which is another host';
  if (ours.protocol !== theirs.protocol) return `which begins with ${theirs.protocol}//`;
  if (named.includes('{')) return 'which stands for every tenant';
  const [tenant, otherTenant] = [tenantless(ours, preset), tenantless(theirs, preset)];
  if (tenant !== undefined && tenant === otherTenant) return 'which is another tenant, or the same written as its id';
  return 'which is another path';
}

/** The path without the one part that differs from tenant to tenant; undefined where there is none. */
function tenantless({ pathname }: URL, preset: Preset): string | undefined {
  const realm = /^(.*\/realms\/)[^/]+$/.exec(pathname)?.[1];
  const hasTenant = preset === 'entra' || preset === 'pingone';
  return realm ?? (hasTenant ? /^\/[^/]+(\/.*)$/.exec(pathname)?.[1] : undefined);
}
