import type { Kysely } from 'kysely';
import type { Database } from '../schema.js';
import { Notifications, type Published } from './notifications.js';

/** For SQLite, where this process is the only control plane. */
export class InProcessNotifications extends Notifications {
  constructor(private readonly db: Kysely<Database>) {
    super();
  }

  async publishAll<T>(work: (transaction: Kysely<Database>) => Promise<Published<T>>): Promise<T> {
    const { result, notices } = await this.db.transaction().execute(work);
    for (const notice of notices) this.deliver(notice);
    return result;
  }

  get current(): boolean {
    return true;
  }
}
