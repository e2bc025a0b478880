import { CLIENTS, PATHS } from '#shared/api/paths.js';
import { row, timeText } from '#shared/pages/facts.js';
import { html, type Html } from '#shared/pages/html.js';
import { page } from '#shared/pages/layout.js';
import { shortLine } from '../../../identity/clients/short-line.js';
import type { PageWords } from '../../../identity/sign-in/pages/visitor-pages.js';
import type { AskedConnection, Connection, ConnectionPlan } from '../connection.js';

export const CONNECT_WORDS: PageWords = {
  page: 'connect',
  title: 'Connections',
  signIn: 'Sign in to connect an account',
  why: 'What you connect here is used for your own calls and nobody else’s, so it needs a sign-in from now.',
  all: 'All your connections',
};

/** Characters of a name that an app, a device or a server has given. */
const MAX_NAME = 120;
const MAX_SCOPES = 1_000;

export interface ConnectableServer {
  readonly id: string;
  readonly title: string;
}

export interface RequestPage {
  readonly asked: AskedConnection;
  readonly server: ConnectableServer;
  /** Undefined where nothing is to be decided any more. */
  readonly plan: ConnectionPlan | undefined;
  readonly csrf: string;
}

/** Who asks, for what, and the two buttons. */
export function requestPage({ asked, server, plan, csrf }: RequestPage): string {
  const title = asked.state === 'open' ? `Connect your account at ${server.title}?` : TITLES[asked.state];
  return page(
    'Connect an account',
    html`<h1>${title}</h1>
      <dl>
        ${row('Server', nameOf(server))} ${plan === undefined ? '' : planRows(plan)} ${askedRows(asked)}
        ${row('Asked', timeText(asked.askedAt))}
        ${asked.state === 'open' ? row('Until', timeText(asked.expiresAt)) : ''}
      </dl>
      ${asked.state === 'open' ? form(asked.id, csrf) : ''} ${AFTER[asked.state]} ${toAll()}`,
  );
}

export interface ServerPage {
  readonly server: ConnectableServer;
  readonly plan: ConnectionPlan;
  readonly isConnected: boolean;
  readonly csrf: string;
}

/** A server that the person came to connect by themselves: what will be asked, and the button. */
export function serverPage({ server, plan, isConnected, csrf }: ServerPage): string {
  const again = isConnected
    ? html`<p>An account of yours is connected there already. Connecting again takes its place.</p>`
    : '';
  return page(
    'Connect an account',
    html`<h1>Connect your account at ${server.title}?</h1>
      <dl>${row('Server', nameOf(server))} ${planRows(plan)} ${row('Asked by', 'you')}</dl>
      ${again}
      <p class="warn">Connect only if you meant to. Your AI apps can then act there as you.</p>
      <form method="post" action="${PATHS.connectPage}">
        <input type="hidden" name="csrf" value="${csrf}" />
        <div class="actions"><button class="primary" name="connect" value="${server.id}">Connect</button></div>
      </form>
      ${toAll()}`,
  );
}

/** On the way to the authorization server. */
export function leavingPage({ title }: ConnectableServer, location: string): string {
  const { host } = new URL(location);
  return page(
    'Connect an account',
    html`<h1>Now sign in at ${host}</h1>
      <p class="quiet">It asks whether mcp-sso may use your account for ${title}. Then you come back here.</p>
      <a class="choice" href="${location}">Continue to ${host}</a>`,
  );
}

/** The end of it. */
export function donePage({ title }: ConnectableServer, isWaitedFor: boolean): string {
  return page(
    'Connected',
    html`<h1>Your account at ${title} is connected</h1>
      <p>${isWaitedFor ? 'The call that waited for it goes on by itself.' : 'Your AI apps can use it from now on.'}</p>
      <p class="quiet">
        You can close this window and go back to your AI app. If the call has given up, make it again.
      </p>
      ${toAll()}`,
  );
}

export interface ListPage {
  readonly name: string;
  readonly connected: readonly { readonly connection: Connection; readonly server: ConnectableServer }[];
  readonly open: readonly ConnectableServer[];
  readonly csrf: string;
}

/** One's own connections, and what else can be connected. */
export function listPage({ name, connected, open, csrf }: ListPage): string {
  const connections = connected.map(({ connection, server }) => connectionEntry(connection, server, csrf));
  const servers = open.map((server) => serverEntry(server, csrf));
  return page(
    'Connections',
    html`<h1>Your connections</h1>
      <p class="quiet">You are ${name}. What is connected here is used for your own calls and nobody else’s.</p>
      ${connections.length === 0 ? html`<p>None yet.</p>` : connections}
      ${servers.length === 0 ? '' : html`<h1>Not connected</h1>`} ${servers}`,
  );
}

const TITLES: Record<AskedConnection['state'], string> = {
  open: 'Connect your account?',
  done: 'This account is connected',
  refused: 'You chose not to connect this account',
  expired: 'This request has expired',
};

const AFTER: Record<AskedConnection['state'], Html | ''> = {
  open: '',
  done: html`<p>The call that waited for it goes on by itself. You can close this window.</p>`,
  refused: html`<p>The call was not made. Make it again in your AI app to be asked anew.</p>`,
  expired: html`<p>Make the call again in your AI app, and open the address that it shows then.</p>`,
};

function planRows({ issuer, scopes }: ConnectionPlan): Html {
  const host = URL.parse(issuer)?.host ?? issuer;
  const asked = scopes.length === 0 ? `whatever ${host} decides` : line(scopes.join(' '), MAX_SCOPES);
  return html`${row('You sign in at', line(host))} ${row('For', asked)}`;
}

function askedRows({ by }: AskedConnection): readonly Html[] {
  if (by === null) return [row('Asked by', 'you')];
  const client = by.client === CLIENTS.bridge ? 'the mcp-sso bridge' : line(by.client);
  const device = by.device === null ? [] : [row('Device', line(by.device))];
  return [row('Asked by', client), ...device, row('Address', by.address)];
}

function form(id: string, csrf: string): Html {
  return html`<p class="warn">
      Connect only if your AI app has just asked for it. Your AI apps can then act there as you.
    </p>
    <form method="post" action="${PATHS.connectPage}/${id}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <div class="actions">
        <button class="primary" name="decision" value="connect">Connect</button>
        <button name="decision" value="refuse">Do not connect</button>
      </div>
    </form>`;
}

function connectionEntry(connection: Connection, server: ConnectableServer, csrf: string): Html {
  const { id, issuer, scopes, state, createdAt, lastUsedAt } = connection;
  const again =
    state === 'refused' ? html`<button class="primary" name="connect" value="${server.id}">Connect again</button>` : '';
  return html`<dl>
      ${row('Server', nameOf(server))} ${row('Account at', line(URL.parse(issuer)?.host ?? issuer))}
      ${row('For', scopes.length === 0 ? 'not said' : line(scopes.join(' '), MAX_SCOPES))}
      ${row('Connected', timeText(createdAt))} ${row('Last used', timeText(lastUsedAt))}
      ${state === 'refused' ? row('State', 'does not hold any more') : ''}
    </dl>
    <form method="post" action="${PATHS.connectPage}">
      <input type="hidden" name="csrf" value="${csrf}" />
      <div class="actions">${again}<button name="end" value="${id}">End this connection</button></div>
    </form>`;
}

function serverEntry(server: ConnectableServer, csrf: string): Html {
  return html`<form method="post" action="${PATHS.connectPage}">
    <input type="hidden" name="csrf" value="${csrf}" />
    <div class="actions">
      <button class="primary" name="connect" value="${server.id}">Connect ${nameOf(server)}</button>
    </div>
  </form>`;
}

function nameOf({ id, title }: ConnectableServer): string {
  return title === id ? id : `${title} (${id})`;
}

/** What others have written, on one line. */
function line(text: string, most = MAX_NAME): string {
  return shortLine(text, most) ?? 'not named';
}

function toAll(): Html {
  return html`<p class="quiet"><a href="${PATHS.connectPage}">All your connections</a></p>`;
}
