import { errors, type ClientMetadata } from 'oidc-provider';
import { errorText } from '#shared/errors.js';
import type { Settings } from '../../config/settings.js';
import { clientMetadata, MetadataFault, type ClaimedMetadata } from './client-metadata.js';
import { DocumentCache } from './document-cache.js';
import { DocumentFetch, type FetchRules } from './document-fetch.js';

export type MetadataDocumentSettings = Settings['identity']['clients']['metadataDocuments'];

const MAX_BYTES = 5 * 1024;
/** It is stored with every session and record of the client. */
const MAX_CLIENT_ID = 256;

/**
 * Clients that are known by the address of a document about them (draft-ietf-oauth-client-id-metadata-document).
 * Only hosts of the settings are asked; what the settings hold themselves is never fetched.
 */
export class MetadataDocuments {
  readonly isOn: boolean;
  readonly #hosts: ReadonlySet<string>;
  readonly #seeded: ReadonlyMap<string, ClaimedMetadata>;
  readonly #cache: DocumentCache<ClientMetadata>;

  constructor({ hosts, seeded }: MetadataDocumentSettings, rules: Omit<FetchRules, 'maxBytes'> = {}) {
    this.#hosts = new Set(hosts);
    this.#seeded = new Map(Object.entries(seeded));
    this.isOn = hosts.length > 0 || this.#seeded.size > 0;
    const fetch = new DocumentFetch({ ...rules, maxBytes: MAX_BYTES });
    this.#cache = new DocumentCache(async (url) => {
      const { text, maxAge } = await fetch.read(url);
      return { value: published(url, text), maxAge };
    });
  }

  /** What is known of a client without asking its host. */
  known(clientId: string): ClientMetadata | undefined {
    const seeded = this.#seeded.get(clientId);
    return seeded ? clientMetadata(clientId, seeded) : this.#cache.kept(clientId);
  }

  /** Throws `invalid_client` with a sentence for the person; the reason is in `error_detail`, for the log. */
  async metadata(clientId: string): Promise<ClientMetadata> {
    const seeded = this.#seeded.get(clientId);
    if (seeded) return clientMetadata(clientId, seeded);
    if (clientId.length > MAX_CLIENT_ID || !this.#hosts.has(URL.parse(clientId)?.host ?? '')) {
      throw refused(
        'Apps of this host are not admitted here. Ask your administrator to add it to identity.clients.metadataDocuments.hosts.',
        'the host is not in the settings',
      );
    }
    try {
      return await this.#cache.get(clientId);
    } catch (error) {
      throw refused(
        'The description that this app publishes about itself can’t be used at the moment. Try again in a minute.',
        errorText(error),
      );
    }
  }
}

function published(url: string, text: string): ClientMetadata {
  const document: unknown = JSON.parse(text);
  if (typeof document !== 'object' || document === null) throw new MetadataFault('not a JSON object');
  const claimed: ClaimedMetadata = { ...document };
  if (claimed['client_id'] !== url) throw new MetadataFault('its client_id is not its address');
  if (!mayBePublic(claimed)) throw new MetadataFault('it wants to authenticate itself, which is not offered');
  return clientMetadata(url, claimed);
}

/** A document that offers several ways is taken at its simplest; one that insists on a key must not be let in without. */
function mayBePublic(claimed: ClaimedMetadata): boolean {
  const { token_endpoint_auth_method: method = 'none', token_endpoint_auth_methods_supported: others } = claimed;
  return method === 'none' || (Array.isArray(others) && others.includes('none'));
}

function refused(description: string, detail: string): errors.InvalidClient {
  return new errors.InvalidClient(description, detail);
}
