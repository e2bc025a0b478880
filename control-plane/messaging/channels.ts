import type { WebhookSettings } from '../config/notification-settings.js';
import { parseSecretReference, resolveSecret } from '../config/secret-reference.js';
import type { LoadedConfig } from '../config/settings.js';
import type { Channel } from './channel.js';
import { smtpChannel } from './smtp/smtp-channel.js';
import { webhookChannel } from './webhook/webhook-channel.js';

type Outside = Pick<LoadedConfig, 'settings' | 'directory' | 'environment'>;

/** Every channel of the settings. `onRefused`: so many recipients of a mail were refused. */
export function channelsOf(config: Outside, onRefused: (count: number) => void): Channel[] {
  const { webhooks, smtp } = config.settings.notifications;
  const hooks = Object.entries(webhooks).map(([name, settings]) => hook(name, settings, config));
  if (!smtp) return hooks;
  const { password } = smtp;
  const mail = smtpChannel({
    settings: smtp,
    password: password === undefined ? undefined : () => secretAt(password, config),
    host: new URL(config.settings.publicUrl).hostname,
    onRefused,
  });
  return [...hooks, mail];
}

function hook(name: string, settings: WebhookSettings, config: Outside): Channel {
  return webhookChannel({ name: `webhook:${name}`, settings, secret: () => secretAt(settings.secret, config) });
}

async function secretAt(text: string, { directory, environment }: Outside): Promise<string> {
  const reference = parseSecretReference(text);
  if (!reference || reference.source === 'secret') throw new Error('no outer reference');
  return resolveSecret(reference, directory, environment);
}
