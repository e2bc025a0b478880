import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { selfSigned } from '../../../test/support/self-signed.js';
import { smtpChannel } from './smtp-channel.js';

const MESSAGE = {
  type: 'grant.requested',
  timestamp: '2026-11-23T15:30:00.000Z',
  data: {
    sentence: 'Carol asks for access to crm for 60 minutes.',
    person: { id: 'usr_carol', shown: 'carol@acme.test' },
    server: 'crm',
    link: 'https://mcp.acme.test/approvals',
    subject: 'grq_1',
  },
} as const;
const PASSWORD = 'mail-password-0123';

interface Mail {
  readonly secure: boolean;
  readonly user: unknown;
  readonly from: unknown;
  readonly to: readonly string[];
  readonly content: string;
}

/** A real mail server; it refuses recipients whose address begins with `no`. */
async function mailServer(options: SMTPServerOptions = {}): Promise<{ readonly port: number; readonly mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    onAuth: ({ username, password }, _session, done) =>
      password === PASSWORD ? done(null, { user: username }) : done(new Error('wrong')),
    onRcptTo: ({ address }, _session, done) => done(address.startsWith('no') ? new Error('unknown') : null),
    onData: (stream, { secure, user, envelope }, done) => {
      const from = envelope.mailFrom === false ? false : envelope.mailFrom.address;
      const to = envelope.rcptTo.map(({ address }) => address);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({ secure, user, from, to, content: Buffer.concat(chunks).toString() });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(async () => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    await closed.promise;
  });
  return { port: (server.server.address() as AddressInfo).port, mails };
}

interface Wish {
  readonly url: string;
  readonly to?: string[];
  readonly password?: string;
  readonly ca?: string;
}

function channel({ url, to = ['ops@acme.test'], password, ca }: Wish) {
  const refused: number[] = [];
  const credentials = password === undefined ? {} : { username: 'mcp', password: 'env:PASSWORD' };
  const made = smtpChannel({
    settings: { url, from: 'mcp@acme.test', to, ...credentials },
    password: password === undefined ? undefined : () => Promise.resolve(password),
    host: 'mcp.acme.test',
    onRefused: (count) => refused.push(count),
    ...(ca === undefined ? {} : { ca }),
  });
  return { ...made, refused };
}

const soon = (): AbortSignal => AbortSignal.timeout(10_000);

test('a mail says who, where and what to do, in plain text, and carries the same id at each attempt', async () => {
  const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS'] });
  const mail = channel({ url: `smtp://127.0.0.1:${port}`, password: PASSWORD });
  await mail.probe(soon());
  await mail.send('0199-id', MESSAGE, soon());
  expect(mails).toHaveLength(1);
  const { user, from, to, content } = mails[0]!;
  expect({ user, from, to }).toEqual({ user: 'mcp', from: 'mcp@acme.test', to: ['ops@acme.test'] });
  const lines = content.split('\r\n');
  for (const line of [
    'Subject: [mcp-sso] Carol asks for access to crm for 60 minutes.',
    'Message-ID: <0199-id@mcp.acme.test>',
    'Auto-Submitted: auto-generated',
    'Person: carol@acme.test (usr_carol)',
    'Server: crm',
    'Look or decide here, after signing in: https://mcp.acme.test/approvals',
  ]) {
    expect(lines).toContain(line);
  }
  expect(content).not.toContain(PASSWORD);
});

test('over a network nothing is said without TLS, and only to who the certificate names', async () => {
  const { key, certificate: cert } = selfSigned('DNS:elsewhere.test');
  const { port, mails } = await mailServer({ key, cert });
  // Leads to this machine too, but is not one of the names for which TLS is left out.
  const url = `smtp://0.0.0.0:${port}`;
  await expect(channel({ url }).send('1', MESSAGE, soon())).rejects.toThrow('not taken (ESOCKET');
  await expect(channel({ url, ca: cert }).send('1', MESSAGE, soon())).rejects.toThrow('not taken (ESOCKET');
  const plain = await mailServer({ disabledCommands: ['STARTTLS'] });
  const downgraded = channel({ url: `smtp://0.0.0.0:${plain.port}`, password: PASSWORD });
  await expect(downgraded.send('1', MESSAGE, soon())).rejects.toThrow('not taken (ETLS');
  expect([mails, plain.mails]).toEqual([[], []]);
});

test('STARTTLS comes before the password where the certificate is right', async () => {
  const { key, certificate: cert } = selfSigned('IP:0.0.0.0');
  const { port, mails } = await mailServer({ key, cert });
  const mail = channel({ url: `smtp://0.0.0.0:${port}`, ca: cert, password: PASSWORD });
  await mail.send('1', MESSAGE, soon());
  expect(mails).toMatchObject([{ secure: true, user: 'mcp' }]);
});

test('what the mail server writes is not repeated; some refused recipients are counted, all refused is a failure', async () => {
  const { port, mails } = await mailServer({ disabledCommands: ['STARTTLS'] });
  const url = `smtp://127.0.0.1:${port}`;
  await expect(channel({ url, password: 'other' }).send('1', MESSAGE, soon())).rejects.toThrow(
    /^not taken \(EAUTH 535\)$/,
  );
  await expect(channel({ url, to: ['no@acme.test'] }).send('1', MESSAGE, soon())).rejects.toThrow(
    'not taken (EENVELOPE',
  );
  const some = channel({ url, to: ['no@acme.test', 'ops@acme.test'] });
  await some.send('1', MESSAGE, soon());
  expect([some.refused, mails.map(({ to }) => to)]).toEqual([[1], [['ops@acme.test']]]);
});

test('a mail server that never says a word holds nothing up', async () => {
  const silent = createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const signal = AbortSignal.timeout(200);
  await expect(channel({ url: `smtp://127.0.0.1:${port}` }).send('1', MESSAGE, signal)).rejects.toThrow(
    'no answer in time',
  );
});
