import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';
import { DeliveryFailure } from './delivery-failure.js';

/** What `env:` or `file:` names, as it is now. @throws DeliveryFailure */
export async function deliverySecret(
  text: string,
  { directory, environment }: Pick<LoadedConfig, 'directory' | 'environment'>,
): Promise<string> {
  try {
    const reference = parseSecretReference(text);
    if (!reference || reference.source === 'secret') throw new Error('no outer reference');
    return await resolveSecret(reference, directory, environment);
  } catch (cause) {
    throw new DeliveryFailure('its secret cannot be read', { cause });
  }
}
