import { asCoded, CodedError } from '#shared/errors.js';
import type { SignInStart } from '../sign-in/token-source.js';
import type { StepUpSignIn } from '../sign-in/step-up-sign-in.js';
import { failure, toolText } from './answers.js';
import type { Call } from './call.js';
import type { BridgeLog } from './log.js';
import type { StepUpRefused } from './step-up-refused.js';

/** A start that takes longer is not waited for, because AI apps give up on a call soon after. */
const START_TIMEOUT = 20_000;
const PROGRESS_EVERY = 15_000;
/** So small that the server's own progress is always more (MCP, Progress: it must increase). */
const PROGRESS_STEP = 1e-6;

interface Parts {
  readonly stepUp: Pick<StepUpSignIn, 'begin'>;
  readonly log: BridgeLog;
}

/** The way on for a call that needs another sign-in: the person signs in anew, and the same call goes on. */
export class StepUpPrompt {
  constructor(private readonly parts: Parts) {}

  /**
   * Resolves when the sign-in is renewed; with what to tell the person where it is not, or where only they can open the
   * address. Rejects with the reason of the call's signal: who cancels does not wait.
   */
  async renew(refusal: StepUpRefused, call: Call): Promise<string | undefined> {
    if (refusal.challenge === undefined) return `${refusal.message} Run \`mcp-sso login\`, then make the call again.`;
    try {
      const start = await orAborted(startOf(this.parts.stepUp.begin(refusal.challenge)), call.signal);
      if (!start.opened && start.joined !== true) return `${refusal.message} ${placeOf(start)}`;
      this.parts.log.info('waiting for a new sign-in');
      await this.#wait(start, call);
      return undefined;
    } catch (error) {
      call.signal.throwIfAborted();
      this.parts.log.warn('the sign-in was not renewed', { code: asCoded(error).code });
      return `${refusal.message} ${asCoded(error).message}`;
    }
  }

  async #wait(start: SignInStart, call: Call): Promise<void> {
    let told = 0;
    const tell = (): void => {
      told += 1;
      const notice = progressOf(call, told * PROGRESS_STEP, `Waiting for a new sign-in in the browser: ${start.url}`);
      if (notice !== undefined) void call.notify(notice);
    };
    tell();
    const timer = setInterval(tell, PROGRESS_EVERY);
    try {
      await orAborted(start.completed, call.signal);
    } finally {
      clearInterval(timer);
    }
  }
}

/** The answer to a call whose sign-in was not renewed. */
export function notRenewed(call: Call, told: string): string {
  if (call.request.method === 'tools/call') return toolText(call.id, call.era, `This call was not made. ${told}`, true);
  return failure(call.id, new CodedError('step_up_needed', { message: told }));
}

async function startOf(begun: Promise<SignInStart>): Promise<SignInStart> {
  const late = Promise.withResolvers<never>();
  const message = 'The sign-in is still starting. Make the call again in a moment.';
  const timer = setTimeout(() => late.reject(new CodedError('network', { message })), START_TIMEOUT);
  try {
    return await Promise.race([begun, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function progressOf({ progressToken }: Call, progress: number, message: string): string | undefined {
  if (progressToken === undefined) return undefined;
  const notice = { progressToken, progress, message };
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: notice });
}

function placeOf({ url, code }: SignInStart): string {
  const where =
    code === undefined
      ? `open this address in a browser on this computer: ${url}`
      : `open ${url} in a browser on any computer and type the code ${code}`;
  return `To sign in anew, ${where}\nThen make the call again.`;
}
