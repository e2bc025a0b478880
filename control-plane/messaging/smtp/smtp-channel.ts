import { once } from 'node:events';
import type { SmtpSettings } from '../../config/notification-settings.js';
import { isLoopback } from '../../config/address.js';
import { ChannelFailure, type Channel } from '../channel.js';
import type { Message } from '../message.js';
import { mailText } from './mail-text.js';

const CONNECT_MS = 10_000;
const SILENCE_MS = 10_000;
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

interface SmtpOptions {
  readonly settings: SmtpSettings;
  /** Read at each attempt, so that a new one needs no restart. */
  readonly password: (() => Promise<string>) | undefined;
  /** Host of `publicUrl`, for the ids of messages. */
  readonly host: string;
  /** So many recipients were refused while others were not: it is not sent again to those who have it. */
  readonly onRefused: (count: number) => void;
  /** Certificates of authorities, PEM, instead of the usual ones. */
  readonly ca?: string;
}

/** Tells by e-mail. Outside of this machine nothing is said without TLS: from the first byte, or STARTTLS before anything else. */
export function smtpChannel(options: SmtpOptions): Channel {
  const { settings, host } = options;
  const { from, to, events } = settings;
  return {
    name: 'smtp',
    events: events && new Set(events),
    async send(id: string, message: Message, signal: AbortSignal): Promise<void> {
      const mail = {
        from,
        to: [...to],
        messageId: `<${id}@${host}>`,
        ...mailText(message),
        headers: { 'auto-submitted': 'auto-generated' }, // RFC 3834 §5
        disableFileAccess: true,
        disableUrlAccess: true,
      };
      const transport = await transportOf(options);
      const sent = await bounded(transport.sendMail(mail), signal);
      if (sent.rejected.length > 0) options.onRefused(sent.rejected.length);
    },
    async probe(signal: AbortSignal): Promise<void> {
      const transport = await transportOf(options);
      await bounded(transport.verify(), signal);
    },
  };
}

/** Loaded where mail is sent, as few installations do. */
async function transportOf({ settings, password, ca }: SmtpOptions) {
  const { createTransport } = await import('nodemailer');
  const url = new URL(settings.url);
  const isLocal = isLoopback(asHttp(url));
  const secure = url.protocol === 'smtps:';
  return createTransport({
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port === '' ? (PORTS[url.protocol] ?? 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isLocal,
    // A mail server on this machine has a certificate that nobody can check, and no wire that somebody could tap.
    ignoreTLS: !secure && isLocal,
    ...(ca ? { tls: { ca } } : {}),
    ...(settings.username === undefined
      ? {}
      : { auth: { user: settings.username, pass: (await password?.().catch(unreadable)) ?? '' } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** URLs of other schemes are not normalised: `smtp://LOCALHOST` has its host as written. */
function asHttp({ host }: URL): URL {
  return new URL(`http://${host}`);
}

async function bounded<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stop = new AbortController();
  try {
    const late = signal.aborted ? Promise.resolve() : once(signal, 'abort', { signal: stop.signal });
    return await Promise.race([work, late.then(tooLate)]);
  } catch (error) {
    if (error instanceof ChannelFailure) throw error;
    throw new ChannelFailure(refusal(error), { cause: error });
  } finally {
    stop.abort();
  }
}

function tooLate(): never {
  throw new ChannelFailure('no answer in time');
}

/** By its codes alone: what the mail server wrote may repeat what was sent to it. */
function refusal(error: unknown): string {
  const codes = error instanceof Error ? [codeIn(error, 'code'), codeIn(error, 'responseCode')] : [];
  const known = codes.filter((code) => code !== undefined);
  return `not taken (${known.length === 0 ? 'unknown' : known.join(' ')})`;
}

function codeIn(error: object, name: string): string | undefined {
  const value: unknown = new Map(Object.entries(error)).get(name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function unreadable(): never {
  throw new ChannelFailure('the password cannot be read');
}
