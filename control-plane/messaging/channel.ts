import type { AnnouncementKind } from '../config/notification-settings.js';
import type { Message } from './message.js';

/** A way by which people are told. */
export interface Channel {
  /** `webhook:NAME` or `smtp`; fit for logs. */
  readonly name: string;
  /** All where absent. */
  readonly events: ReadonlySet<AnnouncementKind> | undefined;
  /** Resolves once the other side has taken it. Throws ChannelFailure; `id` is the same at each attempt. */
  send(id: string, message: Message, signal: AbortSignal): Promise<void>;
  /** Whether the other side could be told, without telling it anything. Throws ChannelFailure. */
  probe(signal: AbortSignal): Promise<void>;
}

/** Its message is fit for the log: it holds neither the address nor what the other side wrote. */
export class ChannelFailure extends Error {
  override readonly name = 'ChannelFailure';
}
