import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { CodedError } from '#shared/errors.js';
import { pageHeaders } from '#shared/pages/page-headers.js';
import type { PageSignIn, PageVisitor } from './page-sign-in.js';
import { isPageSubject, type SignInPage } from './page-visit.js';
import { noticePage, visitorSignInPage, type PageWords } from './pages/visitor-pages.js';

/** Without it a browser says of the page's own form that it comes from nowhere (Fetch, `Origin: null`). */
const NAMES_ITSELF = { 'referrer-policy': 'same-origin' };

export interface PageRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** What the person came to see (`page-visit.ts`). */
  readonly subject: string | undefined;
}

/** Sends the browser to the identity provider that the page's link names. Throws `not_found` and `idp_unreachable`. */
export async function beginVisit(
  signIn: PageSignIn,
  page: SignInPage,
  reply: FastifyReply,
  { provider, id }: Record<string, unknown>,
): Promise<void> {
  if (id !== undefined && !isPageSubject(page, id)) throw noSuchPage();
  const { location, setCookie } = await signIn.begin(page, String(provider), id);
  void reply.header('set-cookie', setCookie).header('cache-control', 'no-store').redirect(location, 303);
}

/** Takes it back from there, to what the person came to see. Throws `sign_in_expired` and `sign_in_failed`. */
export async function arriveVisit(
  signIn: PageSignIn,
  page: SignInPage,
  { request, reply }: Omit<PageRequest, 'subject'>,
  { key, visit }: Record<string, unknown>,
): Promise<void> {
  if (typeof key !== 'string' || typeof visit !== 'string') {
    throw new CodedError('sign_in_failed', {
      message: 'The identity provider did not sign you in. Open the page anew.',
    });
  }
  const path = await signIn.arrive(page, visit, key, request.headers.cookie);
  void reply.header('cache-control', 'no-store').redirect(path, 303);
}

/** Answers with the page that `work` makes for the visitor; whoever has not signed in lately does that first. */
export async function answerVisitor(
  signIn: PageSignIn,
  words: PageWords,
  { request, reply, subject }: PageRequest,
  work: (visitor: PageVisitor) => Promise<string>,
): Promise<void> {
  const visitor = await signIn.visitor(words.page, request.headers.cookie);
  if (!visitor) return send(reply, visitorSignInPage(words, signIn.choices, subject));
  try {
    send(reply, await work(visitor));
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    send(reply, noticePage(words, error.message, error.code), error.form.http);
  }
}

/** The fields of the page's own form, sent from where they were shown. Throws `sign_in_failed`. */
export function ownForm(signIn: PageSignIn, visitor: PageVisitor, body: unknown): ReadonlyMap<string, unknown> {
  const form = new Map<string, unknown>(Object.entries(body ?? {}));
  signIn.requireOwnForm(visitor, form.get('csrf'));
  return form;
}

/** Throws `not_found` for an address that this page does not have. */
export function requireSubject<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw noSuchPage();
}

function noSuchPage(): CodedError {
  return new CodedError('not_found', { message: 'There is no such page.' });
}

function send(reply: FastifyReply, body: string, status = 200): void {
  void reply
    .status(status)
    .headers({ ...pageHeaders(["'self'"]), ...NAMES_ITSELF })
    .send(body);
}
