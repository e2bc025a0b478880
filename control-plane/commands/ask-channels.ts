import type { LoadedConfig } from '../config/settings.js';
import { ChannelFailure } from '../messaging/channel.js';
import { channelsOf } from '../messaging/channels.js';

const ASK_MS = 15_000;

export interface ChannelAnswers {
  readonly warnings: readonly string[];
  /** Channels whose other side answers. */
  readonly agreeing: readonly string[];
}

/**
 * Asks the other side of each channel of notifications, all at once, without telling it anything. What does not answer now may answer
 * later, so it is a warning. Never rejects.
 */
export async function askChannels(config: LoadedConfig): Promise<ChannelAnswers> {
  const channels = channelsOf(config, () => undefined);
  const objections = await Promise.all(
    channels.map(async (channel) => {
      try {
        await channel.probe(AbortSignal.timeout(ASK_MS));
        return undefined;
      } catch (error) {
        if (error instanceof ChannelFailure) return error.message;
        throw error;
      }
    }),
  );
  return {
    warnings: channels.flatMap(({ name }, index) => warningOf(name, objections[index])),
    agreeing: channels.filter((_channel, index) => objections[index] === undefined).map(({ name }) => name),
  };
}

function warningOf(name: string, objection: string | undefined): string[] {
  if (objection === undefined) return [];
  const key = name === 'smtp' ? 'notifications.smtp' : `notifications.webhooks.${name.slice('webhook:'.length)}`;
  return [`${key}: ${objection} → see that this machine reaches it; notifications wait until it can`];
}
