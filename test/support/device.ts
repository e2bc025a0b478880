import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { CLIENTS, PATHS } from '#shared/api/paths.js';
import type { Stack } from '../../demo/stack/stack.js';
import type { Browser } from '../../demo/walk/browser.js';
import type { Page } from '../../demo/walk/page.js';
import { accountOf, toProvider, typeCode } from '../../demo/walk/sign-in.js';
import { send, type HttpAnswer } from './http.js';
import { newKey, proof, type KeyPair } from './proof.js';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** A device that waits for its code to be typed. */
export interface WaitingDevice {
  readonly keys: KeyPair;
  readonly deviceCode: string;
  readonly code: string;
  /** The whole answer of the server. */
  readonly answer: Record<string, unknown>;
}

/** Asks for a code as the bridge does; `change` overrides parameters, `headers` are added. */
export async function askForCode(
  stack: Stack,
  keys: KeyPair,
  change: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> {
  const body = new URLSearchParams({
    client_id: CLIENTS.bridge,
    scope: 'openid mcp',
    resource: `${stack.addresses.publicUrl}${PATHS.mcp}`,
    device_name: 'build-box',
    dpop_jkt: await calculateJwkThumbprint(await exportJWK(keys.publicKey)),
    ...change,
  }).toString();
  const url = `${stack.addresses.publicUrl}${PATHS.deviceAuthorization}`;
  return send(url, { method: 'POST', headers: { ...FORM, ...headers }, body });
}

/** `address`: where the device says through a trusted proxy that it is. */
export async function startDevice(stack: Stack, address?: string): Promise<WaitingDevice> {
  const keys = await newKey();
  const headers: Record<string, string> = address === undefined ? {} : { 'x-forwarded-for': address };
  const { status, text } = await askForCode(stack, keys, {}, headers);
  if (status !== 200) throw new Error(`The device got no code: ${status} ${text}`);
  const answer = JSON.parse(text) as { device_code: string; user_code: string };
  return { keys, deviceCode: answer.device_code, code: answer.user_code, answer };
}

export interface Polled {
  readonly status: number;
  readonly error: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One poll, with a proof by the device's own key unless told otherwise. */
export async function poll(
  stack: Stack,
  device: WaitingDevice,
  { keys = device.keys, client = CLIENTS.bridge }: { keys?: KeyPair | null; client?: string } = {},
): Promise<Polled> {
  const url = `${stack.addresses.publicUrl}${PATHS.token}`;
  const dpop = keys ? { dpop: await proof(keys, { method: 'POST', url }) } : {};
  const body = new URLSearchParams({ grant_type: GRANT, device_code: device.deviceCode, client_id: client });
  const answer = await send(url, { method: 'POST', headers: { ...FORM, ...dpop }, body: body.toString() });
  const parsed = JSON.parse(answer.text) as { error?: string };
  return { status: answer.status, error: parsed.error, body: { ...parsed } };
}

/** A person who opens the page, types the code, and goes on to where the account is chosen. */
export async function typedCode(stack: Stack, browser: Browser, code: string): Promise<Page> {
  const page = await browser.open(`${stack.addresses.publicUrl}${PATHS.device}`);
  return toProvider(browser, await typeCode(browser, page, code));
}

/** The same, signed in at the identity provider: before the confirm page. */
export async function upToConfirm(stack: Stack, browser: Browser, code: string, person: string): Promise<Page> {
  const page = await typedCode(stack, browser, code);
  const account = accountOf(page, person);
  if (!account) throw new Error(`There is no account to choose on ${page.url.pathname}: ${page.text}`);
  return browser.press(page, account.form, account.button);
}

/** Changes `mcp-sso.yaml` and starts the control plane again. */
export async function reconfigure(stack: Stack, change: (settings: string) => string): Promise<void> {
  const file = join(stack.config, 'mcp-sso.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  await stack.startControlPlane();
}

/** `identity.deviceLogin`, and loopback as a trusted proxy: a test can then pretend addresses. */
export function deviceLogin(setting: 'off' | 'same-network' | 'anywhere'): (settings: string) => string {
  return (settings) =>
    `${settings.replace(/^ {2}deviceLogin:.*\n/m, '').replace('identity:\n', `identity:\n  deviceLogin: ${setting}\n`)}${
      settings.includes('trustedProxies') ? '' : 'trustedProxies: [127.0.0.0/8]\n'
    }`;
}
