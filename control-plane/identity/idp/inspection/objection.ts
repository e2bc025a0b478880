import type { ProviderSettings } from '../../../config/provider-settings.js';
import type { Ways } from '../presets.js';

/** What is wrong at a provider, or may be. */
export interface Objection {
  readonly severity: 'fault' | 'warning';
  /** The setting it is about, below the provider's name; '' for the provider as a whole. */
  readonly key: '' | 'issuer' | 'freshSignIn' | 'clientSecret' | 'privateKey' | 'clientAuthentication' | 'scopes';
  readonly message: string;
  readonly fix: string;
}

/** A provider's metadata (OpenID Connect Discovery §3), of which nothing is believed yet. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface InspectedProvider {
  readonly settings: ProviderSettings;
  readonly ways: Ways;
}

/** What a provider says of itself, fit for a sentence of ours. */
export function quoted(text: string): string {
  return text.slice(0, 200).replaceAll(/[^\x21-\x7e]/g, '\u{fffd}');
}
