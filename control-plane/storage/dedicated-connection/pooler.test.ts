import { describe, expect, test, vi } from 'vitest';
import { TransactionPooler } from '../../../test/support/transaction-pooler.js';
import { onPostgres } from '../testing/engines.js';
import { Replica } from '../testing/replica.js';
import { TestDatabase } from '../testing/test-database.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const eventually = { timeout: 20_000, interval: 20 };
const leads = ({ leadership }: Replica): boolean => leadership.holds('expiry');

onPostgres(() => {
  describe.skipIf(TransactionPooler.absent())('behind pgbouncer (needs apt-get install -y pgbouncer)', () => {
    test('nobody trusts notices, though some would be heard, and one leads', async () => {
      await using database = await TestDatabase.create('postgres');
      await using pooler = await TransactionPooler.to(database.location);
      const replicas = [1, 2, 3].map(() => Replica.on(pooler.url));
      const [first, second] = replicas;
      for (const { leadership } of replicas) leadership.onGained('expiry', () => undefined);
      await vi.waitFor(() => expect(replicas.some(leads)).toBe(true), eventually);
      for (let notice = 0; notice < 20; notice += 1) {
        await first?.notifications.publish({ topic: 'session-ended', id: `s${notice}` }, () => Promise.resolve());
        expect(replicas.map(({ notifications }) => notifications.current)).toEqual([false, false, false]);
        expect(replicas.filter(leads)).toHaveLength(1);
      }
      expect(first?.heard.filter((notice) => notice !== 'gap')).toHaveLength(20);
      expect(second?.heard.filter((notice) => notice !== 'gap')).toEqual([]);

      const leader = replicas.findIndex(leads);
      await replicas[leader]?.[Symbol.asyncDispose]();
      const others = replicas.filter((_, index) => index !== leader);
      await vi.waitFor(() => expect(others.filter(leads)).toHaveLength(1), eventually);
      await Promise.all(others.map((replica) => replica[Symbol.asyncDispose]()));
    });
  });
});
