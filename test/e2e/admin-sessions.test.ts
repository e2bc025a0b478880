import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ListedSession } from '#shared/api/sessions.js';
import type { ListedUser } from '#shared/api/users.js';
import { Laptop } from '../../demo/walk/laptop.js';
import { searchAudit } from '../support/audit.js';
import { CALLBACK, signIn, signInAsAuditor } from '../support/person.js';
import { useStack } from '../support/stack.js';

const APP = 'https://app.example/client.json';
const IDENTITY = `  clients:
    metadataDocuments:
      seeded:
        ${APP}: { client_name: mcp-sso on your computer, redirect_uris: ['${CALLBACK}'] }
`;
const stack = useStack(async () => ({ more: { servers: '', policies: '', identity: IDENTITY } }));
let alice: Laptop;
let carol: Laptop;
let dave: Laptop;

async function signedIn(person: string): Promise<Laptop> {
  const laptop = new Laptop(person, stack().folder);
  await laptop.login(stack().addresses.publicUrl);
  return laptop;
}

beforeAll(async () => {
  [alice, carol, dave] = [await signedIn('alice'), await signedIn('carol'), await signedIn('dave')];
});

async function sessionsOf(by: Laptop, who: string): Promise<ListedSession[]> {
  const { code, stdout, stderr } = await by.run('admin', 'sessions', '--user', who, '--json');
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return (JSON.parse(stdout) as { sessions: ListedSession[] }).sessions;
}

describe('mcp-sso admin', () => {
  it('lists sessions and people for helpdesk', async () => {
    expect((await sessionsOf(dave, 'alice')).map(({ person, client }) => [person.email, client])).toEqual([
      ['alice@demo.example', 'mcp-bridge'],
    ]);
    const table = await dave.run('admin', 'sessions');
    expect(table.code).toBe(0);
    expect(table.stdout).toMatch(/^LAST USE +WHO +CLIENT/);
    expect(table.stdout).toContain('carol@demo.example');
    const { stdout } = await dave.run('admin', 'users', '--user', 'alice', '--json');
    expect((JSON.parse(stdout) as { users: ListedUser[] }).users).toMatchObject([
      { email: 'alice@demo.example', groups: ['demo/engineering'], liveSessions: 1 },
    ]);
  });

  it('signs in anew by itself where a change needs it, ends the session, and leaves no old sign-in behind', async () => {
    const before = await sessionsOf(dave, 'me');
    expect(before.filter(({ client }) => client === 'mcp-sso-admin')).toHaveLength(1);
    const { code, stderr, stdout } = await dave.run('admin', 'sessions', 'end', '--user', 'alice', '--yes');
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: 'Ended one session: refused from the next call on.\n',
      stderr: expect.stringMatching(/sign-in/) as string,
    });
    expect(await alice.run('status')).toMatchObject({ code: 4 });
    const after = (await sessionsOf(dave, 'me')).filter(({ client }) => client === 'mcp-sso-admin');
    expect(after).toHaveLength(1);
    expect(after[0]?.id).not.toBe(before.find(({ client }) => client === 'mcp-sso-admin')?.id);
    expect(after[0]?.signedInAt).not.toBeNull();
  });

  it('is on record, with who did it and whose session it was', async () => {
    const entries = await searchAudit(stack(), await signInAsAuditor(stack()), { type: 'session.end' });
    expect(entries.map(({ person, affected, outcome }) => [person?.email, affected?.email, outcome])).toEqual([
      ['dave@demo.example', 'alice@demo.example', 'ok'],
    ]);
    const { stdout } = await dave.run('audit', 'search', '--user', 'dave', '--since', 'today');
    expect(stdout).toContain('session.end of alice@demo.example');
  });

  it('uses a recent sign-in again, without another one', async () => {
    const late = await signedIn('bob');
    const [session] = await sessionsOf(dave, 'bob');
    const { code, stderr } = await dave.run('admin', 'sessions', 'end', session?.id ?? '', '--yes');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await late.run('status')).toMatchObject({ code: 4 });
    expect(await dave.run('admin', 'sessions', 'end', session?.id ?? '', '--yes')).toMatchObject({ code: 1 });
  });

  it('asks where somebody can answer, and does nothing where nobody can', async () => {
    expect(await dave.run('admin', 'sessions', 'end', '--user', 'carol')).toMatchObject({ code: 2 });
    expect(await carol.run('status')).toMatchObject({ code: 0 });
  });

  it('lets everyone look at their own sessions and end the others, by id or all of them', async () => {
    const second = new Laptop('carol', mkdtempSync(join(stack().folder, 'second-')));
    await second.login(stack().addresses.publicUrl);
    await signIn(stack(), 'carol', { client: APP });
    const list = await carol.run('me', 'sessions');
    expect(list).toMatchObject({ code: 0, stdout: expect.stringMatching(/^LAST USE +CLIENT +ADDRESS/) as string });
    expect(list.stdout.match(/this one/g)).toHaveLength(1);
    expect(list.stdout.match(/this computer/g)).toHaveLength(1);
    expect(list.stdout).toContain('calls itself “mcp-sso on your computer”');
    const { stdout } = await carol.run('me', 'sessions', '--json');
    const { sessions } = JSON.parse(stdout) as { sessions: ListedSession[] };
    expect(new Set(sessions.map(({ person }) => person.email))).toEqual(new Set(['carol@demo.example']));
    const remote = sessions.find(({ client }) => client === APP);
    const detail = await carol.run('me', 'sessions', 'show', remote?.id ?? '');
    expect(detail.stdout).toMatch(/^Client +app of app.example /m);
    const [foreign] = await sessionsOf(dave, 'dave');
    for (const verb of ['show', 'end']) {
      const words = ['me', 'sessions', verb, foreign?.id ?? '', ...(verb === 'end' ? ['--yes'] : [])];
      expect(await carol.run(...words)).toMatchObject({ code: 1 });
    }
    expect(await dave.run('me', 'sessions', 'show', remote?.id ?? '')).toMatchObject({ code: 1 });
    expect(await dave.run('admin', 'sessions', 'show', remote?.id ?? '')).toMatchObject({ code: 0 });
    expect(await carol.run('me', 'sessions', 'end', '--all-others', '--yes')).toMatchObject({
      code: 0,
      stdout: 'Ended 2 sessions: refused from the next call on.\n',
    });
    expect(await second.run('status')).toMatchObject({ code: 4 });
    expect(await carol.run('status')).toMatchObject({ code: 0 });
  });

  it('shows everyone their own, and nobody else’s', async () => {
    expect(await carol.run('admin', 'sessions')).toMatchObject({ code: 6 });
    expect(await carol.run('admin', 'users')).toMatchObject({ code: 6 });
    const own = await sessionsOf(carol, 'me');
    expect(new Set(own.map(({ person }) => person.email))).toEqual(new Set(['carol@demo.example']));
    const records = await carol.run('audit', 'search', '--user', 'me', '--json');
    expect(records.code).toBe(0);
    expect(await carol.run('admin', 'sessions', 'end', '--user', 'me', '--yes')).toMatchObject({ code: 0 });
    expect(await carol.run('status')).toMatchObject({ code: 4 });
  });
});
