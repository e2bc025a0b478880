import { CodedError, asCoded } from '#shared/errors.js';
import { liftRequest, type ClientEnvelope } from '#shared/mcp/eras.js';
import type { JsonRpcNotification, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { failure, toolText } from './answers.js';
import type { Call } from './call.js';
import type { ControlPlaneLink, Link } from './control-plane-link.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import type { BridgeLog } from './log.js';
import { Patience } from './patience.js';
import { relay } from './relay.js';
import { postPatiently, postSigned } from './signed-request.js';
import { isList, isSignInCall, signedOutCall, signedOutList } from './signed-out.js';

const NOTIFICATION_TIMEOUT = 30_000;

interface Parts {
  readonly controlPlane: ControlPlaneLink;
  /** The endpoint shows the tools of one server under their own names, so `sign_in` may be one of them. */
  readonly oneServer: boolean;
  /** Milliseconds for which a request that had no effect is tried again. */
  readonly patience: number;
  readonly log: BridgeLog;
}

/** Takes an app's request to the control plane and brings the answer, or says why there is none. */
export class Forwarding {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Ends when the call is answered or cancelled; never throws. `client` is who speaks, where it is a legacy client. */
  async request(call: Call, client: ClientEnvelope): Promise<void> {
    const started = Date.now();
    try {
      await this.#answer(call, client);
      this.#parts.log.debug('answered', { method: call.request.method, milliseconds: Date.now() - started });
    } catch (thrown) {
      const error = asCoded(thrown);
      if (call.over) return;
      this.#parts.log.warn('not answered by the control plane', { method: call.request.method, code: error.code });
      this.#parts.log.debug('because', { detail: error.detail });
      await call.answer(failed(call, error));
    }
  }

  /** Notifications that the bridge does not know are the control plane's to judge; nobody waits for them. */
  async notification(message: JsonRpcNotification, text: string, client: ClientEnvelope | undefined): Promise<void> {
    try {
      const link = await this.#parts.controlPlane.get();
      const body = client === undefined ? text : lifted(text, client);
      const response = await postSigned(link, message, body, AbortSignal.timeout(NOTIFICATION_TIMEOUT));
      response?.on('error', () => undefined).resume();
    } catch (error) {
      this.#parts.log.debug('notification not delivered', { method: message.method, code: asCoded(error).code });
    }
  }

  async #answer(call: Call, client: ClientEnvelope): Promise<void> {
    let link: Link;
    try {
      link = await this.#parts.controlPlane.get();
    } catch (error) {
      if (asCoded(error).code !== 'config_invalid') throw error;
      await answerSignedOut(call, () => unconfigured(asCoded(error)));
      return;
    }
    if (isSignInCall(call.request) && !this.#parts.oneServer) await signIn(call, link);
    else await forward(call, client, link, new Patience(this.#parts.patience, this.#parts.log));
  }
}

async function forward(call: Call, client: ClientEnvelope, link: Link, patience: Patience): Promise<void> {
  const body = call.era === 'modern' ? call.text : lifted(call.text, client);
  try {
    for (;;) {
      const response = await postPatiently(link, call.request, body, call.signal, patience);
      if (response === undefined) break;
      link.prompt.accepted();
      const busy = await relay(response, call, link.session.origin);
      if (busy === undefined) return;
      if (!(await patience.more(call.signal))) return await call.answer(busy);
    }
    link.prompt.turnedAway(true);
  } catch (error) {
    if (!needsSignIn(error)) throw error;
    link.prompt.turnedAway(false);
  }
  await answerSignedOut(call, (asked) => link.prompt.text(asked));
}

/** The tool `sign_in`: an app may still call it from an old list when the person has long signed in. */
async function signIn(call: Call, link: Link): Promise<void> {
  try {
    if (!link.prompt.tokensRefused) {
      await link.session.tokens.authorize('POST', link.connection.url.href);
      link.prompt.accepted();
      await call.answer(toolText(call.id, call.era, 'You are signed in.', false));
      return;
    }
  } catch (error) {
    if (!needsSignIn(error)) throw error;
    link.prompt.turnedAway(false);
  }
  await answerSignedOut(call, (asked) => link.prompt.text(asked));
}

async function answerSignedOut(call: Call, prompt: (asked: boolean) => string | Promise<string>): Promise<void> {
  const { request, era } = call;
  const answer = isList(request.method)
    ? signedOutList(request, era)
    : signedOutCall(request, era, await prompt(isSignInCall(request)));
  await call.answer(answer);
}

function needsSignIn(error: unknown): boolean {
  return error instanceof CodedError && error.form.http === 401;
}

function lifted(text: string, client: ClientEnvelope): string {
  return JSON.stringify(liftRequest(parseExactly(text) as JsonRpcRequest, client));
}

function unconfigured(error: CodedError): string {
  const command = 'mcp-sso login --url https://…';
  const next = error.message.includes('mcp-sso login') ? '' : ` Run \`${command}\` in a terminal with its address.`;
  return `${error.message}${next}\nThe tools appear when that is done.`;
}

/** A failed tool call is told as a tool result, because apps show that to the model and the person. */
function failed(call: Call, error: CodedError): string {
  return call.request.method === 'tools/call'
    ? toolText(call.id, call.era, error.message, true)
    : failure(call.id, error);
}
