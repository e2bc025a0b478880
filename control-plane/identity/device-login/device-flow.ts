import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { PATHS } from '#shared/api/paths.js';
import { REFUSALS } from '#shared/api/refusals.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import { deviceCodePage } from '../sign-in/pages/device-code-page.js';
import { deviceSignedInPage } from '../sign-in/pages/device-signed-in-page.js';
import { errorPage } from '../sign-in/pages/error-page.js';
import type { DeviceLogin } from './device-login.js';

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>;

/** Errors with which oidc-provider asks for another code. */
const NOT_A_CODE = new Set(['NotFoundError', 'ExpiredError', 'AlreadyUsedError']);

const WORDS: Readonly<Record<string, string>> = {
  [REFUSALS.byPerson]: 'You said that this was not you, so the device was turned away.',
  [REFUSALS.byProvider]: 'Your identity provider refused the sign-in, so the device was turned away.',
  [REFUSALS.otherNetwork]:
    'The device is in another network than this browser, and your company lets a device in only from its own network. ' +
    'If somebody sent you the code, tell your administrator: it may have been an attempt to sign in as you.',
};

/** The device authorization grant (RFC 8628) as oidc-provider is told about it. The pages are ours. */
export function deviceFlow(login: DeviceLogin): DeviceFlow {
  return {
    enabled: login.enabled,
    charset: 'base-20',
    mask: '****-****',
    deviceInfo: (context) => ({ address: login.addressOf(context) }),
    userCodeInputSource: (context, _form, _out, error) => {
      if (error && !isGuess(error)) login.giveBackEntry(context);
      if (context.oidc.route === 'device_resume' || error?.name === 'AbortedError') showEnd(context, error);
      else if (error && isUnsaved(context)) showStrangeForm(context);
      else showForm(context, error);
    },
    // Our form says `confirm`: what is let in is named after the sign-in, when it is known who lets it in.
    userCodeConfirmSource: (context) => showForm(context, undefined),
    successSource: (context) => {
      context.set(pageHeaders());
      context.body = deviceSignedInPage();
    },
  };
}

function isGuess(error: Error): boolean {
  return (error as { userCode?: unknown }).userCode !== undefined;
}

/** oidc-provider saves no session that begins with an error, and fails where one is changed. */
function isUnsaved({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.session?.exp === undefined;
}

function showStrangeForm(context: KoaContextWithOIDC): void {
  forgetSession(context);
  context.status = 400;
  context.set(pageHeaders());
  const message = `This form was not opened in this browser. Open ${context.oidc.issuer}${PATHS.device} and type the code there.`;
  context.body = errorPage({ code: 'sign_in_failed', message });
}

function forgetSession({ oidc }: KoaContextWithOIDC): void {
  Object.assign(oidc.session ?? {}, { destroyed: true });
}

function showForm(context: KoaContextWithOIDC, error: Error | undefined): void {
  if (error !== undefined) context.status = 400;
  context.set(pageHeaders(["'self'"]));
  const csrf = String(context.oidc.session?.state?.['secret']);
  context.body = deviceCodePage({ csrf, problem: problemOf(error) });
}

function problemOf(error: Error | undefined): string | null {
  if (error === undefined) return null;
  if (error.name === 'NoCodeError') return 'Type the code that your device shows.';
  if (NOT_A_CODE.has(error.name)) {
    return 'No device waits under this code. Compare it with your device; a code is good once, for ten minutes.';
  }
  return 'This form is too old. Type the code again.';
}

function showEnd(context: KoaContextWithOIDC, error: Error | undefined): void {
  const { error_description: reason = '' } = (error?.cause ?? {}) as { error_description?: string };
  const words = WORDS[reason];
  forgetSession(context);
  context.status = words === undefined ? 400 : 403;
  context.set(pageHeaders());
  context.body = errorPage(
    words === undefined
      ? { code: 'sign_in_expired', message: 'The code has expired or was already used. Start again on the device.' }
      : { code: 'sign_in_failed', message: words },
  );
}
