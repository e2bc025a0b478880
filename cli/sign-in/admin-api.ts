import { problemSchema } from '#shared/api/problem.js';
import { CodedError, ERRORS, type ErrorCode } from '#shared/errors.js';
import type { CommandContext } from '../commands/context.js';
import { exchange, type HttpReply } from '../system/http.js';
import { printable } from '../system/printable.js';
import { resolveSettings } from '../system/settings.js';
import { openSession, type ControlPlaneSession } from './open-session.js';
import type { RequestAuthorization } from './token-source.js';

/**
 * GET of a path below the control plane's admin API, signed in as `mcp-sso-admin` (signs in first where needed).
 * Resolves to the parsed JSON body; throws CodedError with the server's code and detail on a problem answer.
 */
export async function adminFetch(context: CommandContext, path: string): Promise<unknown> {
  const session = await sessionOf(context);
  const url = new URL(path, session.origin);
  if (url.origin !== session.origin) {
    throw new CodedError('internal', { detail: 'a path of the admin API led elsewhere' });
  }
  const first = await send(context, session, url.href);
  if (first.reply.status !== 401) return contentOf(first.reply);
  session.tokens.refused(first.authorization, first.reply.headers.date);
  return contentOf((await send(context, session, url.href)).reply);
}

const sessions = new WeakMap<CommandContext, Promise<ControlPlaneSession>>();

/** One session per command: a command of many requests signs in once, even if nothing but memory keeps the tokens. */
function sessionOf(context: CommandContext): Promise<ControlPlaneSession> {
  const known = sessions.get(context);
  if (known) return known;
  const opened = resolveSettings(context).then((settings) => openSession(context, 'admin', settings));
  sessions.set(context, opened);
  return opened;
}

interface Exchange {
  readonly authorization: RequestAuthorization;
  readonly reply: HttpReply;
}

async function send(context: CommandContext, session: ControlPlaneSession, url: string): Promise<Exchange> {
  const authorization = await authorize(context, session, url);
  const headers = { accept: 'application/json', ...authorization };
  return { authorization, reply: await exchange({ method: 'GET', url, agent: session.endpoint.agent, headers }) };
}

async function authorize(
  context: CommandContext,
  session: ControlPlaneSession,
  url: string,
): Promise<RequestAuthorization> {
  try {
    return await session.tokens.authorize('GET', url);
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'sign_in_needed')) throw error;
  }
  const openBrowser = context.interactive && context.openBrowser;
  const { url: address, opened, completed } = await session.signIn.begin({ openBrowser, force: true });
  context.stderr(
    `Administration needs its own sign-in. ${opened ? 'A browser was opened. Or open' : 'Open'}:\n${address}\n`,
  );
  await completed;
  return session.tokens.authorize('GET', url);
}

function contentOf(reply: HttpReply): unknown {
  let body: unknown;
  try {
    body = JSON.parse(reply.body);
  } catch {
    throw unexpected(reply.status);
  }
  if (reply.status === 200) return body;
  const problem = problemSchema.safeParse(body);
  if (!problem.success) throw unexpected(reply.status);
  const { code, detail } = problem.data;
  throw new CodedError(isErrorCode(code) ? code : 'internal', { message: printable(detail) });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function unexpected(status: number): CodedError {
  return new CodedError('network', {
    message: `The control plane answered with ${status} and no explanation. Check that its address is right.`,
  });
}
