import type { Preset } from '../../../config/provider-settings.js';

/** What an administrator may have to change at a provider. */
export type Topic = 'issuer' | 'client' | 'grants' | 'scopes' | 'keys';

/** Written from the providers' documentation, as the guides are. */
const PLACES: Readonly<Record<Preset, Readonly<Record<Topic, string>>>> = {
  okta: {
    issuer: 'in Okta: https://YOUR-ORG.okta.com, or Security › API › Authorization Servers › Issuer URI',
    client: 'in Okta: Applications › your web app › General › Client Credentials',
    grants: 'in Okta: Applications › your web app › General › General Settings › Grant type',
    scopes: 'in Okta: Security › API › Authorization Servers › your server › Scopes',
    keys: 'in Okta: Security › API › Authorization Servers › your server › Settings',
  },
  entra: {
    issuer: 'in Entra ID: App registrations › your app › Endpoints › OpenID Connect metadata document',
    client: 'in Entra ID: App registrations › your app › Certificates & secrets (the Value, not the Secret ID)',
    grants: 'in Entra ID: App registrations › your app › Authentication › Web',
    scopes: 'in Entra ID: App registrations › your app › API permissions',
    keys: 'in Entra ID: App registrations › your app › Endpoints › OpenID Connect metadata document',
  },
  pingone: {
    issuer: 'in PingOne: Applications › your app › Overview › Issuer ID',
    client: 'in PingOne: Applications › your app › Overview › General › Client Secret',
    grants: 'in PingOne: Applications › your app › Configuration › Grant Type',
    scopes: 'in PingOne: Applications › your app › Resources',
    keys: 'in PingOne: Settings › Certificates & Key Pairs',
  },
  keycloak: {
    issuer: 'in Keycloak: Realm settings › General › Endpoints › OpenID Endpoint Configuration',
    client: 'in Keycloak: Clients › your client › Credentials',
    grants: 'in Keycloak: Clients › your client › Settings › Capability config',
    scopes: 'in Keycloak: Clients › your client › Client scopes',
    keys: 'in Keycloak: Realm settings › Keys',
  },
  google: {
    issuer: 'for Google it is https://accounts.google.com',
    client: 'in Google Cloud: Google Auth Platform › Clients › your client › Client secrets',
    grants: 'in Google Cloud: Google Auth Platform › Clients › your client (a Web application)',
    scopes: 'in Google Cloud: Google Auth Platform › Data Access',
    keys: 'in Google Cloud: Google publishes its keys by itself',
  },
  oidc: {
    issuer: 'the documentation of your provider says where it shows its issuer',
    client: 'at your provider: the credentials of the web client',
    grants: 'at your provider: the grant and response types of the web client',
    scopes: 'at your provider: the scopes of the web client',
    keys: 'at your provider: the keys that sign its tokens',
  },
};

/** Where to click. */
export function placeOf(preset: Preset, topic: Topic): string {
  return PLACES[preset][topic];
}
