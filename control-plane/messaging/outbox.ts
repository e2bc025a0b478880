import { v7 } from 'uuid';
import type { AnnouncementKind } from '../config/notification-settings.js';
import type { StorageService } from '../storage/storage.service.js';
import type { Message } from './message.js';

const SEALED_FOR = 'message-deliveries';
/** Rows that wait for one channel. Alarms have room of their own, so that nobody can crowd them out. */
const MOST_WAITING = 5_000;
const MOST_WITH_ALARMS = 10_000;
const ALARMS: ReadonlySet<AnnouncementKind> = new Set([
  'grant.break-glass',
  'identity.break-glass',
  'session.disowned',
  'audit.alarm',
  'policy.problem',
  'credential.refused',
]);

/** One message on its way through one channel. */
export interface Delivery {
  /** Stays the same over all attempts, so that who hears it twice can tell. */
  readonly id: string;
  readonly message: Message;
  /** That have failed. */
  readonly attempts: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface Waiting {
  readonly channel: string;
  readonly count: number;
  /** When the one that waits longest was announced; epoch milliseconds. */
  readonly since: number;
}

/** A row that does not open: it was edited, or belongs to another channel or installation. */
export class UnreadableDelivery extends Error {
  override readonly name = 'UnreadableDelivery';
}

/** Messages that still have to be sent, sealed, on disk. Whoever claims one has it until its claim lapses. */
export class Outbox {
  constructor(private readonly storage: StorageService) {}

  /** False where too many wait already. */
  async put(channel: string, message: Message, now: number): Promise<boolean> {
    const { count } = await this.storage.db
      .selectFrom('message_deliveries')
      .select((row) => row.fn.countAll<number | string>().as('count'))
      .where('channel', '=', channel)
      .executeTakeFirstOrThrow();
    if (Number(count) >= (ALARMS.has(message.type) ? MOST_WITH_ALARMS : MOST_WAITING)) return false;
    const id = v7();
    const sealed = this.storage.seal(SEALED_FOR, boundTo(id, channel), Buffer.from(JSON.stringify(message)));
    const row = { id, channel, event: message.type, sealed, attempts: 0, next_at: now, created_at: now };
    await this.storage.db.insertInto('message_deliveries').values(row).execute();
    return true;
  }

  /** The next one that is due, for `lease` milliseconds; of several who ask, one gets it. Throws UnreadableDelivery, having removed it. */
  async claim(channel: string, now: number, lease: number): Promise<Delivery | undefined> {
    for (;;) {
      const row = await this.storage.db
        .selectFrom('message_deliveries')
        .selectAll()
        .where('channel', '=', channel)
        .where('next_at', '<=', now)
        .orderBy('next_at')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      if (!row) return undefined;
      const { numUpdatedRows } = await this.storage.db
        .updateTable('message_deliveries')
        .set({ next_at: now + lease })
        .where('id', '=', row.id)
        .where('next_at', '=', row.next_at)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) continue;
      const { id, attempts, created_at: createdAt } = row;
      return { id, message: await this.#opened(id, channel, row.sealed), attempts, createdAt };
    }
  }

  async #opened(id: string, channel: string, sealed: Buffer): Promise<Message> {
    try {
      return JSON.parse(this.storage.open(SEALED_FOR, boundTo(id, channel), sealed).toString()) as Message;
    } catch (error) {
      await this.remove(id);
      throw new UnreadableDelivery(`the message ${id} does not open`, { cause: error });
    }
  }

  /** Sent, or given up. */
  async remove(id: string): Promise<void> {
    await this.storage.db.deleteFrom('message_deliveries').where('id', '=', id).execute();
  }

  async postpone({ id, attempts }: Delivery, until: number): Promise<void> {
    await this.storage.db
      .updateTable('message_deliveries')
      .set({ attempts: attempts + 1, next_at: until })
      .where('id', '=', id)
      .execute();
  }

  /** Removes all from before `then`, also of channels that are no more; how many there were. */
  async removeOlder(then: number): Promise<number> {
    const { numDeletedRows } = await this.storage.db
      .deleteFrom('message_deliveries')
      .where('created_at', '<', then)
      .executeTakeFirst();
    return Number(numDeletedRows);
  }

  async waiting(): Promise<Waiting[]> {
    const rows = await this.storage.db
      .selectFrom('message_deliveries')
      .select((row) => [
        'channel',
        row.fn.countAll<number | string>().as('count'),
        row.fn.min('created_at').as('since'),
      ])
      .groupBy('channel')
      .execute();
    return rows.map(({ channel, count, since }) => ({ channel, count: Number(count), since }));
  }
}

function boundTo(id: string, channel: string): string {
  return `${id} ${channel}`;
}
