import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { receivedCalls } from '../faults/received-calls.js';
import { FreshSignIn } from '../support/fresh-sign-in.js';
import { signIn, signInAsAuditor } from '../support/person.js';
import { auditedCalls } from './audited.js';
import { LoadCompany } from './company.js';
import { controlPlaneOf, figuresOf, residentBytes, settledFigures } from './figures.js';
import { SlowReader } from './slow-reader.js';
import { isDone, type StreamedCall } from './streamed-call.js';
import { UnreadBridge } from './unread-bridge.js';

const MIB = 1024 * 1024;
const SERVERS = ['modern', 'legacy', 'sse', 'hosted'] as const;
/** Each of about 50 MB: one message, or an event stream. */
const ONE_MESSAGE = { steps: 0, asks: false, padding: 50 * MIB };
const MANY_EVENTS = { steps: 500, asks: false, padding: 100 * 1024 };
const READERS = 20;
/** Seconds for which the readers are watched. */
const WATCHED = 20;
/** Bytes that the control plane, and a bridge, may occupy; what the readers leave unread is a thousand MB. */
const MOST_CONTROL_PLANE = 512 * MIB;
const MOST_BRIDGE = 256 * MIB;

test(
  'twenty clients that read a byte a second, and a bridge that is not read, take neither memory nor the others’ answers',
  { timeout: 20 * 60_000 },
  async () => {
    await using company = await LoadCompany.open();
    const { folder, addresses } = company.stack;
    const start = await figuresOf(company);
    const slow = await signIn(company.stack, 'bob');
    const home = join(folder, 'unread');
    mkdirSync(home);
    const laptop = new Laptop('carol', home);
    await laptop.login(addresses.publicUrl);
    const others = await Promise.all(
      SERVERS.map(async (server) => {
        const plan = { kind: 'modern', person: 'alice', endpoint: server, lanes: [], listens: false } as const;
        return { server, session: await company.join(`other-${server}`, plan) };
      }),
    );

    const readers = await Promise.all(
      Array.from({ length: READERS }, (_, index) => {
        const server = SERVERS[index % SERVERS.length]!;
        // Over one channel a message is held whole, and so has a bound of its own.
        const flows = (server === 'modern' || server === 'legacy') && index % 8 < 4;
        const call = { name: `slow-${index}`, server, ...(flows ? ONE_MESSAGE : MANY_EVENTS), requests: [] };
        return SlowReader.call(`${addresses.publicUrl}/mcp/${server}`, slow, call);
      }),
    );
    const unread = { name: 'unread', server: 'modern', ...MANY_EVENTS, requests: [] };
    const bridge = new UnreadBridge(laptop, unread);

    const memory = { controlPlane: 0, bridge: 0 };
    const answered: StreamedCall[] = [];
    for (let second = 0; second < WATCHED; second += 1) {
      const calls = others.map(async ({ session, server }) => {
        const call = { name: `other-${server}-${second}`, server, steps: 3, asks: false, requests: [] };
        await session.make(call);
        return call;
      });
      answered.push(...(await Promise.all(calls)));
      memory.controlPlane = Math.max(memory.controlPlane, residentBytes(controlPlaneOf(company)));
      memory.bridge = Math.max(memory.bridge, residentBytes(bridge.pid));
      await wait(1_000);
    }
    expect(answered.filter((call) => !isDone(call))).toEqual([]);
    expect(receivedCalls(company.received).filter(({ name }) => name === unread.name)).toHaveLength(1);
    expect(memory.controlPlane).toBeLessThan(MOST_CONTROL_PLANE);
    expect(memory.bridge).toBeLessThan(MOST_BRIDGE);

    for (const reader of readers) reader.end();
    await bridge.end();
    await laptop.run('logout');
    for (const { session } of others) await session.signOut();
    await new FreshSignIn(slow).end();
    expect(await auditedCalls(company.stack, await signInAsAuditor(company.stack))).toMatchObject({ unpaired: [] });
    await company.closeConnections();
    expect(await settledFigures(company, start)).toEqual(start);
  },
);
