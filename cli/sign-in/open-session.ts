import { hostname } from 'node:os';
import { CLIENTS, PATHS, SCOPES } from '#shared/api/paths.js';
import type { CommandContext } from '../commands/context.js';
import type { CredentialStore } from '../credential-store/credential-store.js';
import { openStore } from '../credential-store/open-store.js';
import type { Slot } from '../credential-store/saved-sign-in.js';
import { canShowBrowser, openInBrowser } from '../system/browser.js';
import { agentFor } from '../system/http.js';
import { requireUrl, resolveSettings, type CliSettings, type SettingsOptions } from '../system/settings.js';
import { BrowserOpenings } from './browser-openings.js';
import { BrowserSignIn } from './browser-sign-in.js';
import { DeviceSignIn } from './device-sign-in.js';
import { HeadlessSignIn } from './headless-sign-in.js';
import { RefreshingTokens } from './refreshing-tokens.js';
import { ServerClock } from './server-clock.js';
import { signInWay, type SignInWay } from './sign-in-way.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { StepUpRequest } from './step-up-request.js';
import { StepUpSignIn } from './step-up-sign-in.js';
import type { SignIn, TokenSource } from './token-source.js';

/** One control plane, seen as one OAuth client: where it is, tokens for it, and how to sign in there. */
export interface ControlPlaneSession {
  /** Origin without trailing slash, e.g. `https://mcp.acme.example`. */
  readonly origin: string;
  /** RFC 8707 resource that its tokens are for. */
  readonly resource: string;
  readonly tokens: TokenSource;
  readonly signIn: SignIn;
  readonly stepUp: Pick<StepUpSignIn, 'begin'>;
  readonly store: () => Promise<CredentialStore>;
  readonly endpoint: TokenEndpoint;
}

const ROLES = {
  bridge: { client: CLIENTS.bridge, resource: PATHS.mcp, scope: `openid ${SCOPES.mcp}` },
  admin: { client: CLIENTS.admin, resource: PATHS.api, scope: `openid ${SCOPES.self}` },
} as const;

/** What the bridge opens at start. Throws CodedError config_invalid where no control plane is known; touches no keychain yet. */
export async function openBridgeSession(
  context: CommandContext,
  options: SettingsOptions = {},
): Promise<ControlPlaneSession> {
  return openSession(context, 'bridge', await resolveSettings(context, options));
}

export interface SessionOptions {
  readonly device?: boolean;
  /** Asked for beside those that the client always has. */
  readonly scopes?: readonly string[];
  /** Seconds that a sign-in made by this session may be old. */
  readonly maxAge?: number;
}

/** The session of one client at the control plane that the settings name. */
export function openSession(
  context: CommandContext,
  role: keyof typeof ROLES,
  settings: CliSettings,
  { device = false, scopes = [], maxAge }: SessionOptions = {},
): ControlPlaneSession {
  const origin = requireUrl(settings).value;
  const { client, resource, scope } = ROLES[role];
  const slot: Slot = { origin, client };
  const { now, paths, env } = context;
  const endpoint = { slot, agent: agentFor(origin, env), clock: new ServerClock(now), now };
  const store = storeOnce(context, settings);
  const parts = {
    ...endpoint,
    store,
    resource: `${origin}${resource}`,
    scope: [scope, ...scopes].join(' '),
    ...(maxAge === undefined ? {} : { maxAge }),
    deviceName: hostname(),
    stateFolder: paths.state,
    trusted: settings.trusted.includes(origin),
  };
  const open = async (url: string): Promise<boolean> =>
    context.openBrowser && canShowBrowser(process.platform, env) && (await openInBrowser(url, origin));
  // The control plane lets nothing but the bridge in by a code.
  const way =
    role === 'bridge' ? signInWay({ device, openBrowser: context.openBrowser }, process.platform, env) : 'browser';
  const signInWith = (openings: BrowserOpenings, more: { readonly stepUp?: StepUpRequest } = {}): SignIn => {
    const all = { ...parts, ...more };
    return signInBy(way, new BrowserSignIn({ ...all, open, openings }), () => new DeviceSignIn(all));
  };
  const signIn = signInWith(new BrowserOpenings(paths.state, now));
  const openings = new BrowserOpenings(paths.state, now, 'step-up-opened');
  const stepUp = new StepUpSignIn({
    slot,
    store,
    openings,
    signIn: (request) => signInWith(openings, { stepUp: request }),
  });
  return {
    origin,
    resource: parts.resource,
    tokens: new RefreshingTokens(store, endpoint),
    signIn,
    stepUp,
    store,
    endpoint,
  };
}

function signInBy(way: SignInWay, browser: BrowserSignIn, device: () => DeviceSignIn): SignIn {
  if (way === 'browser') return browser;
  return way === 'device' ? device() : new HeadlessSignIn(device(), browser);
}

/** Opens the store at first use; a keychain that could not be used is tried again at the next. */
function storeOnce(context: CommandContext, settings: CliSettings): () => Promise<CredentialStore> {
  let opening: Promise<CredentialStore> | undefined;
  const open = async (): Promise<CredentialStore> => {
    const { store, notice } = await openStore(context.paths, settings.credentialStore?.value);
    if (notice) context.stderr(`${notice}\n`);
    return store;
  };
  return () => {
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  };
}
