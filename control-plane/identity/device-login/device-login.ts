import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { PATHS } from '#shared/api/paths.js';
import { CodedError } from '#shared/errors.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import type { Settings } from '../../config/settings.js';
import { pathOf } from '../authorization-server/pinned-origin.js';
import { errorPage } from '../sign-in/pages/error-page.js';
import { CodeEntryLimit } from './code-entry-limit.js';
import { POLL_INTERVAL_S, PollPace } from './poll-pace.js';

const RETRY_AFTER_SECONDS = '60';

/** What RFC 8628 leaves to us and oidc-provider does not do: who may type how many codes, and how fast devices poll. */
export class DeviceLogin {
  readonly enabled: boolean;
  readonly #entries = new CodeEntryLimit();
  readonly #pace = new PollPace();
  readonly #addresses = new WeakMap<IncomingMessage, string>();

  constructor(setting: Settings['identity']['deviceLogin']) {
    this.enabled = setting !== 'off';
  }

  /** Whether a path (without query) shows a page of the device login. */
  hasPage(path: string): boolean {
    return path === PATHS.device || path.startsWith(`${PATHS.device}/`);
  }

  /** Prepares a request for oidc-provider; true where it has been answered with a refusal instead. */
  refuses(request: IncomingMessage, response: ServerResponse, address: string): boolean {
    this.#addresses.set(request, address);
    const path = pathOf(request);
    if (!this.hasPage(path)) return false;
    if (!this.enabled) return refuse(response, new CodedError('device_login_off'));
    // A code in an address would be typed by whoever sent the address, not by the person.
    if (path === PATHS.device) request.url = path;
    if (path !== PATHS.device || request.method !== 'POST' || this.#entries.admits(address)) return false;
    response.setHeader('retry-after', RETRY_AFTER_SECONDS);
    const message = 'Too many codes were typed that belong to no device. Wait a minute, then type yours again.';
    return refuse(response, new CodedError('rate_limited', { message }));
  }

  addressOf({ req }: KoaContextWithOIDC): string {
    return this.#addresses.get(req) ?? '';
  }

  /** The code that was typed has been no guess. */
  giveBackEntry(context: KoaContextWithOIDC): void {
    if (context.oidc.route !== 'code_verification' || context.method !== 'POST') return;
    this.#entries.giveBack(this.addressOf(context));
  }

  listen(provider: Provider): void {
    provider.on('device_authorization.success', (_context, body) => {
      delete body['verification_uri_complete'];
      body['interval'] = POLL_INTERVAL_S;
    });
    provider.on('interaction.started', (context) => this.giveBackEntry(context));
    provider.use(async (context, next) => {
      await next();
      const deviceCode = pendingDeviceCode(context);
      if (deviceCode === undefined || !this.#pace.isTooFast(deviceCode)) return;
      const { error, error_description } = new errors.SlowDown();
      context.body = { error, error_description };
    });
  }
}

interface AnsweredRequest {
  readonly body?: unknown;
  /** Absent where no route matched. */
  readonly oidc?: Pick<KoaContextWithOIDC['oidc'], 'route' | 'params'>;
}

/** The device code of a poll that was told to come again. */
function pendingDeviceCode({ oidc, body }: AnsweredRequest): string | undefined {
  const { error } = (body ?? {}) as { error?: unknown };
  return oidc?.route === 'token' && error === 'authorization_pending'
    ? String(oidc.params?.['device_code'])
    : undefined;
}

function refuse(response: ServerResponse, { code, message, form }: CodedError): true {
  response.writeHead(form.http, pageHeaders()).end(errorPage({ code, message }));
  return true;
}
