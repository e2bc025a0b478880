import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { goOnAt } from '../../audit/testing/go-on-at.js';
import type { CredentialOf } from '../../config/credential-settings.js';
import { onEachEngine } from '../../storage/testing/engines.js';
import type { Asked } from '../credential-kind.js';
import { connectedAccount } from './connected-account.js';
import { OpenConnections, type Replica } from './testing/open-connections.js';
import { UpstreamAccount } from './testing/upstream-account.js';

onEachEngine((engine) => {
  let upstream: UpstreamAccount;
  let company: OpenConnections;
  let replica: Replica;

  beforeEach(async () => {
    upstream = await UpstreamAccount.start();
    company = await OpenConnections.create(engine, { files: { url: upstream.url, credential: { kind: 'oauth' } } });
    replica = await company.replica();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await company[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  test.each([
    ['over HTTP', undefined],
    ['in a hosted server’s environment', 'TOKEN'],
  ])('the token that was refused is renewed, not an earlier one beside it: %s', async (_, variable) => {
    const alice = await replica.person('alice');
    await replica.connect(alice, 'files');
    const settings = replica.config.settings.servers['files']!;
    const asked: Asked<CredentialOf<'oauth'>> = {
      server: 'files',
      session: { id: 'ses_1', groups: alice.groups, person: alice.person },
      settings,
      credential: {
        ...(settings.credential as CredentialOf<'oauth'>),
        ...(variable === undefined ? {} : { variable }),
      },
    };
    const account = connectedAccount(replica.service);
    const first = await account.open(asked);
    account.forget?.(asked, { ...first, secrets: ['a secret of the server’s own', ...first.secrets] });
    const second = await account.open(asked);
    expect(second.secrets[0]).not.toBe(first.secrets[0]);
    goOnAt(Date.now() + 61_000);
    account.forget?.(asked, { ...second, secrets: [...first.secrets, ...second.secrets] });
    const third = await account.open(asked);
    expect([first.secrets[0], second.secrets[0]]).not.toContain(third.secrets[0]);
    expect(await upstream.takes(third.secrets[0]!)).toBe(true);
    expect(upstream.refreshes).toBe(2);
  });
});
