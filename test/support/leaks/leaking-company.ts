import { stringify } from 'yaml';
import { everythingAt } from '../policies.js';
import type { LeakingIssuer, PlantedTokens } from './leaking-issuer.js';
import type { LeakingMailServer } from './leaking-mail-server.js';
import type { LeakingUpstream } from './leaking-upstream.js';
import type { Planted } from './planted.js';

/** What a bearer token may hold (RFC 6750 §2.1). */
const TOKEN = '-._~+/';
/** What a cookie's value may hold without quoting (RFC 6265 §4.1.1). */
const COOKIE = "<&>'/+%=";

/** The kinds that get a token from an authorization server, by the id of their server. */
const BROKERED = [
  'secretclient',
  'keyclient',
  'variable',
  'account',
  'exchange',
  'identity',
  'behalf',
  'assertion',
  'github',
];

export function plantTokens(planted: Planted): ReadonlyMap<string, PlantedTokens> {
  const tokens = BROKERED.filter((server) => server !== 'account').map(
    (server) => [server, { access: planted.text(`${server} token`, TOKEN) }] as const,
  );
  const account = {
    access: planted.text('account token', TOKEN),
    refresh: planted.text('account refresh token', TOKEN),
    code: planted.text('account code', TOKEN),
    renewed: {
      access: planted.text('account renewed token', TOKEN),
      refresh: planted.text('account renewed refresh token', TOKEN),
    },
  };
  return new Map<string, PlantedTokens>([...tokens, ['account', account]]);
}

/** Settings of servers of every kind of credential, each with a secret of its own. `hosted`: command of a server that is run. */
export function leakingServers(
  planted: Planted,
  upstream: LeakingUpstream,
  issuer: LeakingIssuer,
  hosted: readonly string[],
): Readonly<Record<string, object>> {
  const secret = (name: string, between?: string): { secret: string } => ({ secret: planted.file(name, between) });
  const remote = (id: string, credential: object): object => ({ url: upstream.url(id), credential });
  const client = (id: string): object => ({
    clientId: 'broker',
    clientSecret: planted.file(`${id} client secret`),
    tokenEndpoint: `${issuer.origin}/${id}/token`,
  });
  const statics = Object.fromEntries(
    ['modern', 'legacy'].flatMap((era) =>
      Object.entries({
        bearer: { kind: 'bearer', ...secret(`${era} bearer`, TOKEN) },
        header: { kind: 'header', name: 'X-Api-Key', ...secret(`${era} header`) },
        scheme: { kind: 'header', name: 'Authorization', ...secretWithScheme(planted, `${era} scheme`) },
        basic: { kind: 'basic', username: 'user', ...secret(`${era} basic`) },
        query: { kind: 'query', name: 'key', ...secret(`${era} query`) },
        cookie: { kind: 'cookie', name: 'session', ...secret(`${era} cookie`, COOKIE) },
      }).map(([kind, credential]) => [`${era}-${kind}`, remote(`${era}-${kind}`, credential)]),
    ),
  );
  const keys = { clientId: 'broker', privateKey: planted.key('keyclient private key', 'ec') };
  const processes = { isolation: 'none', network: 'host' };
  return {
    ...statics,
    secretclient: remote('secretclient', { kind: 'client-credentials', ...client('secretclient') }),
    keyclient: remote('keyclient', {
      kind: 'client-credentials',
      ...keys,
      tokenEndpoint: `${issuer.origin}/keyclient/token`,
    }),
    account: remote('account', {
      kind: 'oauth',
      ...client('account'),
      issuer: `${issuer.origin}/account`,
      authorizationEndpoint: `${issuer.origin}/account/authorize`,
      scopes: ['all'],
    }),
    exchange: remote('exchange', { kind: 'token-exchange', ...client('exchange') }),
    identity: remote('identity', { kind: 'token-exchange', subjectToken: 'id-token', ...client('identity') }),
    behalf: remote('behalf', { kind: 'on-behalf-of', scopes: ['all'], ...client('behalf') }),
    assertion: remote('assertion', {
      kind: 'cross-app-access',
      issuer: `${issuer.origin}/assertion`,
      ...client('assertion'),
    }),
    signed: remote('signed', { kind: 'user-assertion' }),
    aws: remote('aws', {
      kind: 'aws-sigv4',
      region: 'eu-central-1',
      service: 'execute-api',
      accessKeyId: planted.file('AWS access key id', ''),
      secretAccessKey: planted.file('AWS secret key', '/+'),
      sessionToken: planted.file('AWS session token', TOKEN),
    }),
    github: remote('github', {
      kind: 'github-app',
      appId: 1,
      installationId: 1,
      privateKey: planted.key('github private key', 'rsa'),
      api: `${issuer.origin}/github`,
    }),
    variable: {
      command: hosted,
      ...processes,
      credential: { kind: 'client-credentials', ...client('variable'), variable: 'LEAK', resource: 'none' },
    },
    env: {
      command: hosted,
      ...processes,
      env: Object.fromEntries(
        Array.from({ length: 8 }, (_, at) => [`LEAK_${at}`, planted.file(`hosted variable ${at}`)]),
      ),
    },
  };
}

function secretWithScheme(planted: Planted, name: string): { secret: string } {
  return { secret: planted.document(name, `ApiKey ${planted.text(name, TOKEN)}`) };
}

/** A server that is run in a sandbox, with files that hold secrets. */
export function serverOfFiles(planted: Planted, hosted: readonly string[], read: readonly string[]): object {
  const account = {
    type: 'service_account',
    key: planted.text('file JSON key', '"<&>'),
    nested: { token: planted.text('file JSON token', TOKEN) },
  };
  const paths = ['/run/leak/account.json', '/run/leak/key.pem', '/run/leak/token'];
  return {
    command: [...hosted, ...paths],
    read,
    files: {
      [paths[0]!]: planted.document('account json', JSON.stringify(account, undefined, 2)),
      [paths[1]!]: planted.key('file private key', 'rsa'),
      [paths[2]!]: planted.file('file token'),
    },
  };
}

/** Who is told of what happens: all of them complain with what they were sent. */
export function leakingChannels(planted: Planted, issuer: LeakingIssuer, mail: LeakingMailServer): object {
  const url = `smtp://127.0.0.1:${mail.port}`;
  const account = { username: 'mcp', password: planted.file('mail password', '"<&+% ') };
  return {
    webhooks: { chat: { url: `${issuer.origin}/webhook`, secret: planted.webhookKey('webhook key') } },
    smtp: { url, ...account, from: 'mcp@example.test', to: ['ops@example.test'] },
  };
}

/** Traces and metrics of everything, to a collector that wants a token. */
export function tracedBy(planted: Planted, endpoint: string): object {
  const collector = { endpoint, headers: { authorization: planted.file('collector token') } };
  return { traces: { ...collector, clientAddress: true }, metrics: { ...collector, everySeconds: 1 } };
}

/** Everything that calls hold is kept, and one person may use all servers at once. */
const MORE_SETTINGS = {
  audit: { capture: { arguments: 'full', results: 'full' } },
  limits: { callsPerPerson: 1000 },
};

/** Settings and policies in the form that a stack takes, which has `servers` as the last key of the file. */
export function written(
  servers: Readonly<Record<string, object>>,
  more: object,
): { servers: string; policies: string } {
  const text = stringify(servers, { lineWidth: 0 });
  return {
    servers: text.replaceAll(/^(?=.)/gm, '  ') + stringify({ ...more, ...MORE_SETTINGS }, { lineWidth: 0 }),
    policies: Object.keys(servers).map(everythingAt).join(''),
  };
}
