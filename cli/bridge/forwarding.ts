import { isDeepStrictEqual } from 'node:util';
import { CodedError, asCoded } from '#shared/errors.js';
import { liftRequest, type ClientEnvelope } from '#shared/mcp/eras.js';
import type { JsonObject, JsonRpcNotification, JsonRpcRequest } from '#shared/mcp/json-rpc.js';
import { failure, toolText } from './answers.js';
import { HeldWait, type HeldPatience } from './held-wait.js';
import type { Call } from './call.js';
import type { ControlPlaneLink, Link } from './control-plane-link.js';
import { parseExactly } from '#shared/mcp/exact-json.js';
import { MAX_ROUNDS, nextRound } from './input-rounds.js';
import type { LegacyApp } from './legacy-app.js';
import type { BridgeLog } from './log.js';
import { afterFirstRound, outcomeUnknown } from './network-faults.js';
import { ParameterBook } from './parameter-book.js';
import { Patience } from './patience.js';
import { relay, type Unanswered } from './relay.js';
import { postPatiently, postSigned } from './signed-request.js';
import { isList, isSignInCall, signedOutCall, signedOutList } from './signed-out.js';
import { notRenewed } from './step-up-prompt.js';
import { StepUpRefused } from './step-up-refused.js';
import { learnTool } from './tool-listing.js';

const NOTIFICATION_TIMEOUT = 30_000;
/** Of one call: a second where the first was another call's, with another demand. */
const STEP_UPS = 2;
const NOBODY: ClientEnvelope = { capabilities: {} };

/** Who speaks, where it is a legacy client, and how it is asked. */
type From = Pick<LegacyApp, 'client' | 'questions'>;

/** A request as it goes to the control plane. */
interface Outgoing {
  readonly request: JsonRpcRequest;
  readonly body: string;
  /** Its server has asked: the call is under way there, whatever becomes of this request. */
  readonly begun: boolean;
  /** It waits for somebody, and may be sent again whatever becomes of it. */
  readonly held: boolean;
}

/** The control plane has done nothing with the request, and will where the person signs in anew. */
interface NeedsStepUp {
  readonly why: 'step-up';
  readonly refusal: StepUpRefused;
}

interface Parts {
  readonly controlPlane: ControlPlaneLink;
  /** The endpoint shows the tools of one server under their own names, so `sign_in` may be one of them. */
  readonly oneServer: boolean;
  /** Milliseconds for which a request that had no effect is tried again. */
  readonly patience: number;
  readonly heldPatience: HeldPatience;
  readonly log: BridgeLog;
}

/** Takes an app's request to the control plane and brings the answer, or says why there is none. */
export class Forwarding {
  readonly #parts: Parts;
  readonly #parameters = new ParameterBook();
  /** The app once gave up on a call that was held: it is answered before it does so again. */
  #gaveUp = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Ends when the call is answered or cancelled; never throws. */
  async request(call: Call, from: From): Promise<void> {
    const started = Date.now();
    try {
      await this.#answer(call, from);
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
      const body = client === undefined ? text : JSON.stringify(lifted(text, client));
      const response = await postSigned(link, message, body, AbortSignal.timeout(NOTIFICATION_TIMEOUT));
      response?.on('error', () => undefined).resume();
    } catch (error) {
      this.#parts.log.debug('notification not delivered', { method: message.method, code: asCoded(error).code });
    }
  }

  async #answer(call: Call, from: From): Promise<void> {
    let link: Link;
    try {
      link = await this.#parts.controlPlane.get();
    } catch (error) {
      if (asCoded(error).code !== 'config_invalid') throw error;
      await answerSignedOut(call, () => unconfigured(asCoded(error)));
      return;
    }
    if (isSignInCall(call.request) && !this.#parts.oneServer) await signIn(call, link);
    else await this.#forward(call, from, link);
  }

  /** A server that asks a legacy app gets its answers in a further round; a modern app makes its rounds itself. */
  async #forward(call: Call, { client = NOBODY, questions }: From, link: Link): Promise<void> {
    const { capabilities } = client;
    const { heldPatience } = this.#parts;
    const { unheard } = heldPatience;
    const patience = this.#gaveUp ? { ...heldPatience, heard: unheard } : heldPatience;
    using wait = new HeldWait({ call, questions, capabilities, patience });
    try {
      let outgoing = firstRequest(call, client);
      for (let round = 0; ;) {
        const asked = await this.#exchange(call, outgoing, link).catch((error) => wait.stillWaits(error));
        if (asked === undefined) return;
        const held = await wait.next(outgoing.request, asked);
        if (held === undefined && (round += 1) > MAX_ROUNDS) throw new CodedError('upstream_invalid');
        const next =
          held ?? (await nextRound(outgoing.request, asked, { questions, capabilities, signal: call.signal }));
        const begun = held === undefined || outgoing.begun || wait.broke;
        outgoing = { request: next, body: JSON.stringify(next), begun, held: wait.held };
      }
    } finally {
      this.#gaveUp ||= wait.abandoned;
    }
  }

  /** Answers the call, or resolves with what its server asks. Sent again for a while, where that cannot be twice. */
  async #exchange(call: Call, outgoing: Outgoing, link: Link): Promise<JsonObject | undefined> {
    const patience = new Patience(this.#parts.patience, this.#parts.log);
    let lists = 1;
    let stepUps = STEP_UPS;
    try {
      for (;;) {
        const unanswered = await this.#send(call, outgoing, link, patience);
        if (unanswered === 'refused') break;
        if (unanswered === undefined || unanswered.why === 'asked') return unanswered?.result;
        if (unanswered.why === 'step-up') {
          const told = stepUps-- > 0 ? await link.stepUp.renew(unanswered.refusal, call) : unanswered.refusal.message;
          if (told === undefined) continue;
          if (outgoing.begun) throw outcomeUnknown('the sign-in was not renewed');
          await call.answer(notRenewed(call, told));
          return undefined;
        }
        const again =
          unanswered.why === 'busy'
            ? await patience.more(call.signal)
            : lists-- > 0 && (await this.#learnsHeaders(call, outgoing, link));
        if (again) continue;
        const goesOn = outgoing.begun || (outgoing.held && unanswered.why === 'busy');
        if (goesOn) throw outcomeUnknown('the control plane takes no answers');
        await call.answer(unanswered.answer);
        return undefined;
      }
      link.prompt.turnedAway(true);
    } catch (error) {
      if (!needsSignIn(error)) throw outgoing.begun ? afterFirstRound(error) : error;
      link.prompt.turnedAway(false);
    }
    await answerSignedOut(call, (asked) => link.prompt.text(asked));
    return undefined;
  }

  async #send(
    call: Call,
    { request, body, held }: Outgoing,
    link: Link,
    patience: Patience,
  ): Promise<Unanswered | NeedsStepUp | 'refused' | undefined> {
    const headers = this.#headersOf(call);
    const response = await postPatiently(link, request, body, call.signal, patience, headers).catch(stepUpOrThrow);
    if (response === undefined) return 'refused';
    if ('why' in response) return response;
    link.prompt.accepted();
    const learn = (result: JsonObject): void => {
      if (request.method === 'tools/list') this.#parameters.learn(result);
    };
    return relay(response, { call, id: request.id, origin: link.session.origin, held, learn });
  }

  /** From the call as it was read: in the one that leaves, numbers may be kept as text. */
  #headersOf({ request: { method, params } }: Call): Record<string, string> {
    return this.#parameters.headersOf(method, params);
  }

  /** Lists the tool of a refused call again; true where its headers are others by what the list says. */
  async #learnsHeaders(call: Call, { request }: Outgoing, link: Link): Promise<boolean> {
    const refused = this.#headersOf(call);
    await learnTool(link, request, this.#parameters, call.signal).catch((error: unknown) => {
      this.#parts.log.debug('tools not listed again', { code: asCoded(error).code });
    });
    return !isDeepStrictEqual(this.#headersOf(call), refused);
  }
}

function stepUpOrThrow(error: unknown): NeedsStepUp {
  if (error instanceof StepUpRefused) return { why: 'step-up', refusal: error };
  throw error;
}

function firstRequest(call: Call, client: ClientEnvelope): Outgoing {
  if (call.era === 'modern') return { request: call.request, body: call.text, begun: false, held: false };
  const request = lifted(call.text, client);
  return { request, body: JSON.stringify(request), begun: false, held: false };
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

function lifted(text: string, client: ClientEnvelope): JsonRpcRequest {
  return liftRequest(parseExactly(text) as JsonRpcRequest, client);
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
