import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { decodeJwt } from 'jose';
import { openDatabase } from '../../../control-plane/storage/open-database.js';
import { within } from '../../../demo/stack/child.js';
import { realSigner } from '../../support/signing-key.js';
import { IDLE_GROUP } from '../company/catalog.js';
import type { Company } from '../company/company.js';
import { Instrumented } from '../instrumented/instrumented.js';
import { listening } from '../load/calls.js';
import { credentialLines } from '../load/proofs.js';
import type { LoadClient, LoadJob } from '../load/job.js';
import { measured, type Row } from '../table/row.js';
import type { Field } from './field.js';

const BRIDGES = 1_000;
const WARM_UP = 200;
const AT_ONCE = 20;
const ANSWER_MS = 30_000;

/**
 * What a signed-in bridge costs that waits: its session, and the stream on which it hears of changes. Each is a person
 * of their own, with a connection of their own.
 */
export function measureIdleBridges({ sqlite, upstream }: Field): Promise<Row> {
  const about = {
    id: 'idle-bridge',
    what: `memory of an idle signed-in bridge on the control plane (${BRIDGES} of them)`,
    unit: 'KB' as const,
    target: { atMost: 20 },
  };
  return measured(about, async () => {
    await sqlite.stack.stopControlPlane();
    const clients = await cloneSignIn(sqlite, WARM_UP + BRIDGES);
    using instrumented = await Instrumented.start(sqlite, upstream);
    using sockets = new DisposableStack();
    const open = async (some: readonly LoadClient[]): Promise<void> => {
      for (let from = 0; from < some.length; from += AT_ONCE) {
        const opened = await Promise.all(some.slice(from, from + AT_ONCE).map((client) => openStream(sqlite, client)));
        for (const socket of opened) sockets.adopt(socket, () => socket.destroy());
      }
    };
    await open(clients.slice(0, WARM_UP));
    const before = await instrumented.memory();
    await open(clients.slice(WARM_UP));
    const after = await instrumented.memory();
    const each = (of: (usage: NodeJS.MemoryUsage) => number): number => (of(after) - of(before)) / BRIDGES / 1_024;
    const heap = each(({ heapUsed, external }) => heapUsed + external);
    return {
      value: heap,
      detail: `heap and buffers after a collection; resident set ${each(({ rss }) => rss).toFixed(1)} KB`,
    };
  });
}

/** Sign-ins of people who never were at the IdP, otherwise as a real one left its rows. */
async function cloneSignIn(company: Company, count: number): Promise<LoadClient[]> {
  const { stack, database, clients } = company;
  const [model] = clients.bound;
  if (model?.accessToken === undefined) throw new Error('Nobody is signed in.');
  const resign = await realSigner(stack, database);
  const db = await openDatabase(database, stack.config);
  try {
    const session = await db
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', String(decodeJwt(model.accessToken)['sid']))
      .executeTakeFirstOrThrow();
    const person = await db
      .selectFrom('persons')
      .selectAll()
      .where('id', '=', session.person_id)
      .executeTakeFirstOrThrow();
    return await db.transaction().execute(async (transaction) => {
      const made: LoadClient[] = [];
      for (let index = 0; index < count; index += 1) {
        const id = randomUUID();
        const owner = { ...person, id: `usr_${id}`, subject: id };
        await transaction.insertInto('persons').values(owner).execute();
        const groups = JSON.stringify([IDLE_GROUP]);
        await transaction
          .insertInto('sessions')
          .values({ ...session, id: `ses_${id}`, person_id: owner.id, groups })
          .execute();
        made.push({ ...model, accessToken: await resign(model.accessToken!, { sid: `ses_${id}`, sub: owner.id }) });
      }
      return made;
    });
  } finally {
    await db.destroy();
  }
}

/** `subscriptions/listen` as the bridge sends it; resolves when it is acknowledged. */
async function openStream(company: Company, client: LoadClient): Promise<Socket> {
  const job: LoadJob = { ...listening(company.at('/mcp', [client])), proofs: 1 };
  const { hostname, port, pathname } = new URL(job.url);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    if (text.includes('subscriptions/acknowledged')) resolve(socket);
    else if (!text.startsWith('HTTP/1.1 200')) reject(new Error(`the stream is refused: ${text.slice(0, 300)}`));
  });
  socket.once('error', reject);
  const length = `content-length: ${Buffer.byteLength(job.body)}\r\n`;
  const lines = credentialLines(client, job)() ?? '';
  socket.write(`POST ${pathname} HTTP/1.1\r\nhost: ${job.host}\r\n${job.headers}${length}${lines}\r\n${job.body}`);
  return await within(promise, ANSWER_MS, `the stream was not acknowledged: ${text.slice(0, 300)}`);
}
