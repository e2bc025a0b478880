import * as oidc from 'openid-client';
import { beforeAll, describe, expect, it } from 'vitest';
import { Laptop } from '../../demo/walk/laptop.js';
import { searchAudit } from '../support/audit.js';
import { credentials, send } from '../support/http.js';
import { connectClient, sendMcp } from '../support/mcp.js';
import { signIn, signInAsAuditor, type SignedIn } from '../support/person.js';
import { useStack } from '../support/stack.js';

const stack = useStack();
let alice: SignedIn;
let auditor: SignedIn;
let mcp: string;

beforeAll(async () => {
  alice = await signIn(stack(), 'alice');
  auditor = await signInAsAuditor(stack());
  mcp = `${stack().addresses.publicUrl}/mcp`;
});

async function callCrm(by: SignedIn) {
  return sendMcp(mcp, await credentials(by, 'POST', mcp), 'tools/call', { name: 'crm__list_customers', arguments: {} });
}

describe('a restart of the control plane', () => {
  it('ends with exit code 0 on SIGTERM, and lets a running call finish', async () => {
    const client = await connectClient(mcp, alice, 'auto');
    const { promise: underWay, resolve } = Promise.withResolvers<void>();
    const running = client.callTool(
      { name: 'everything__trigger-long-running-operation', arguments: { duration: 2, steps: 4 } },
      { onprogress: () => resolve() },
    );
    await underWay;
    const ended = stack().stopControlPlane('SIGTERM');
    const result = await running;
    expect(result.isError ?? false).toBe(false);
    expect(await ended).toBe('exit code 0');
  });

  it('keeps the sessions: access and refresh tokens work on', async () => {
    await stack().startControlPlane();
    expect((await callCrm(alice)).status).toBe(200);
    const tokens = await oidc.refreshTokenGrant(
      alice.configuration,
      alice.refreshToken,
      { resource: mcp },
      { DPoP: oidc.getDPoPHandle(alice.configuration, alice.keys) },
    );
    expect((await callCrm({ ...alice, accessToken: tokens.access_token })).status).toBe(200);
  });

  it('keeps the audit, and it verifies', async () => {
    const rows = await searchAudit(stack(), auditor, { type: 'tool.call' });
    expect(rows.map(({ target }) => target)).toContain('trigger-long-running-operation');
    const dave = new Laptop('dave', stack().folder);
    await dave.login(stack().addresses.publicUrl);
    const verified = await dave.run('audit', 'verify');
    expect(verified).toMatchObject({ code: 0 });
  });

  it('even by SIGKILL loses no decision, and the audit still verifies', async () => {
    await callCrm(alice);
    await stack().stopControlPlane('SIGKILL');
    await stack().startControlPlane();
    const rows = await searchAudit(stack(), auditor, { tool: 'list_customers' });
    expect(rows).toHaveLength(3);
    const dave = new Laptop('dave', stack().folder);
    expect(await dave.run('audit', 'verify')).toMatchObject({ code: 0 });
  });
});

describe('health', () => {
  it('is said without any detail on the public address', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await send(stack().addresses.publicUrl + path);
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain('sqlite');
    }
  });
});
