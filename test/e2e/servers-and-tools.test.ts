import { beforeAll, describe, expect, it } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { useStack } from '../support/stack.js';

const GONE = `@id("gone") @reason("For the test.")
permit (principal in Mcp::Group::"demo/engineering", action, resource in Mcp::Server::"gone");
`;

const stack = useStack(async () => ({
  more: {
    servers: '  gone: { url: "http://127.0.0.1:1/mcp", title: Gone }\nlimits: { listItems: 6 }\n',
    policies: GONE,
  },
}));
let alice: Laptop;
let bob: Laptop;

async function signedIn(person: string): Promise<Laptop> {
  const laptop = new Laptop(person, stack().folder);
  await laptop.login(stack().addresses.publicUrl);
  return laptop;
}

beforeAll(async () => {
  [alice, bob] = [await signedIn('alice'), await signedIn('bob')];
});

describe('mcp-sso servers, tools and status', () => {
  it('name the servers of which the person may use something, and say which do not answer', async () => {
    const { code, stdout } = await alice.run('servers');
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^SERVER +TITLE +STATE$/);
    expect(rows.slice(1).map((row) => row.split(/ {2,}/))).toEqual(
      expect.arrayContaining([
        ['crm', 'Customers', 'answers'],
        ['everything', 'Everything', 'answers; shown in part (limits.listItems)'],
        ['gone', 'Gone', 'does not answer'],
      ]),
    );
    const status = await alice.run('status');
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toMatch(/^Servers {8}crm, everything/m);
    expect(status.stdout).toMatch(/^Not answering {2}gone$/m);
    expect(status.stdout).toMatch(/^Shown in part {2}everything \(limits\.listItems\)/m);
    const { servers } = JSON.parse((await bob.run('servers', '--json')).stdout) as { servers: { id: string }[] };
    expect(servers.map(({ id }) => id)).toEqual(['crm']);
  });

  it('list what may be called, of one server under its own names', async () => {
    const { stdout } = await alice.run('tools');
    expect(stdout).toMatch(/^crm__list_customers +\S/m);
    expect(stdout).toMatch(/^everything__echo +\S/m);
    const one = await bob.run('tools', 'crm', '--json');
    const { tools } = JSON.parse(one.stdout) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toContain('list_customers');
    expect(tools.map(({ name }) => name)).not.toContain('add_customer');
    const none = await bob.run('tools', 'everything');
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no such MCP server') as string });
  });
});
