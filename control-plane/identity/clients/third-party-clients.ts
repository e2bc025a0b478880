import { errors, type ClientMetadata, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Settings } from '../../config/settings.js';
import type { StorageService } from '../../storage/storage.service.js';
import { RateLimit } from '../rate-limit/rate-limit.js';
import { clientMetadata, MetadataFault } from './client-metadata.js';
import { thirdPartyName, type ClientName } from './client-name.js';
import { MetadataDocuments } from './metadata-documents.js';
import { RegisteredClients } from './registered-clients.js';

/** A whole company may come by the addresses of one cloud, each person with a client of their own. */
const REGISTRATIONS = { burst: 60, perSecond: 0.5, addresses: 20_000 };
/** Seconds that oidc-provider itself keeps a document; how long it is good is decided in `document-cache.ts`. */
const PASSED_ON = 30;

type Features = NonNullable<Configuration['features']>;

/** Clients of other companies: known by a document at their address, or registered by themselves. Both off by default. */
export class ThirdPartyClients {
  readonly registered: RegisteredClients;
  readonly mayRegister: boolean;
  readonly #documents: MetadataDocuments;
  readonly #registrations = new RateLimit(REGISTRATIONS);

  constructor({ metadataDocuments, registration }: Settings['identity']['clients'], storage: StorageService) {
    this.#documents = new MetadataDocuments(metadataDocuments);
    this.registered = new RegisteredClients(registration, storage);
    this.mayRegister = registration !== 'off';
  }

  /** False where the address has registered too many. */
  admitsRegistration(address: string): boolean {
    return this.#registrations.admits(address);
  }

  /** As lists name it, whether or not it is still admitted. Nothing is fetched for it. */
  async nameOf(clientId: string): Promise<ClientName> {
    const published = clientId.startsWith('https:');
    return thirdPartyName(clientId, published ? this.#documents.known(clientId) : await this.registered.find(clientId));
  }

  /** For `features`. The first is experimental: its acknowledged version is pinned with that of oidc-provider. */
  features(): Pick<Features, 'clientIdMetadataDocument' | 'registration'> {
    return {
      clientIdMetadataDocument: {
        enabled: this.#documents.isOn,
        ack: 'draft-02',
        cacheDuration: { min: PASSED_ON, max: PASSED_ON },
        // Throws with a sentence for the person, which oidc-provider would not have.
        allowFetch: async (_context, clientId) => (await this.#documents.metadata(clientId)).client_id === clientId,
      },
      registration: { enabled: this.mayRegister, issueRegistrationAccessToken: false },
    };
  }

  /** oidc-provider fetches nothing itself: all that may leave goes through the guard of `metadata-documents.ts`. */
  fetch: NonNullable<Configuration['fetch']> = async (url) =>
    Response.json(await this.#documents.metadata(url instanceof Request ? url.url : String(url)));

  /**
   * Puts what we take over of a registration in the place of what was sent. RFC 7591 §2 lets the server replace values,
   * and the answer says which hold.
   */
  readonly extraMetadata: NonNullable<Configuration['extraClientMetadata']> = {
    // Nobody reads it; the validator runs only where a property is named.
    properties: ['software_id'],
    validator: (context, _key, _value, metadata) => {
      if (isRegistration(context)) replaceMembers(metadata, this.#accepted(metadata));
    },
  };

  #accepted(claimed: ClientMetadata): ClientMetadata {
    const metadata = taken(claimed);
    if (this.registered.mayReturnTo(metadata.redirect_uris ?? [])) return metadata;
    throw new errors.InvalidClientMetadata(
      'redirect_uris: one of the hosts is not admitted here; an administrator can add it to identity.clients.registration.redirectHosts',
    );
  }
}

function isRegistration(context: KoaContextWithOIDC | undefined): boolean {
  return context?.oidc.route === 'registration';
}

function taken(claimed: ClientMetadata): ClientMetadata {
  try {
    return clientMetadata(claimed.client_id, { ...claimed });
  } catch (error) {
    if (error instanceof MetadataFault) throw new errors.InvalidClientMetadata(error.message);
    throw error;
  }
}

function replaceMembers(metadata: ClientMetadata, by: ClientMetadata): void {
  for (const key of Object.keys(metadata)) Reflect.deleteProperty(metadata, key);
  Object.assign(metadata, by);
}
