import { problemSchema } from '#shared/api/problem.js';
import { CodedError, ERRORS, type ErrorCode } from '#shared/errors.js';
import type { CommandContext } from '../commands/context.js';
import { exchange, type HttpReply } from '../system/http.js';
import { resolveSettings } from '../system/settings.js';
import { openSession, type ControlPlaneSession } from './open-session.js';

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
  let reply = await send(context, session, url.href);
  if (reply.status === 401) {
    session.tokens.refused(reply.headers.date);
    reply = await send(context, session, url.href);
  }
  return contentOf(reply);
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

async function send(context: CommandContext, session: ControlPlaneSession, url: string): Promise<HttpReply> {
  const headers = { accept: 'application/json', ...(await authorize(context, session, url)) };
  return exchange({ method: 'GET', url, agent: session.endpoint.agent, headers });
}

async function authorize(
  context: CommandContext,
  session: ControlPlaneSession,
  url: string,
): Promise<Record<string, string>> {
  try {
    return { ...(await session.tokens.authorize('GET', url)) };
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'sign_in_needed')) throw error;
  }
  const openBrowser = context.interactive && context.openBrowser;
  const { url: address, opened, completed } = await session.signIn.begin({ openBrowser, force: true });
  context.stderr(
    `Administration needs its own sign-in. ${opened ? 'A browser was opened. Or open' : 'Open'}:\n${address}\n`,
  );
  await completed;
  return { ...(await session.tokens.authorize('GET', url)) };
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
  throw new CodedError(isErrorCode(code) ? code : 'internal', { message: detail });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function unexpected(status: number): CodedError {
  return new CodedError('network', {
    message: `The control plane answered with ${status} and no explanation. Check that its address is right.`,
  });
}
