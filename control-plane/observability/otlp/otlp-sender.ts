import { Agent, request } from 'undici';
import type { CollectorSettings } from '../../config/telemetry-settings.js';
import { parseSecretReference, resolveSecret } from '../../config/secret-reference.js';
import type { LoadedConfig } from '../../config/settings.js';

const CONNECT_MS = 2_000;
/** For one request, whatever the collector does. */
const SEND_MS = 10_000;
/** Of the answer, which says nothing that we read. */
const MOST_BYTES = 16_384;

/** Why a collector did not take it, fit for the log: no address, no header, nothing of its answer. */
export class ExportFailure extends Error {
  override readonly name = 'ExportFailure';
}

/** Sends one request body (OpenTelemetry Protocol §OTLP/HTTP). @throws ExportFailure */
export type SendOtlp = (body: Uint8Array) => Promise<void>;

/**
 * Sends to one collector. Headers are read at each request, so that a renewed file counts at once. Redirects are not
 * followed; no environment variable, `OTEL_*` or of a proxy, is read.
 * @param path where `endpoint` names none
 * @param stop ends what is under way
 */
export function otlpSender(
  { endpoint, headers, protocol }: CollectorSettings,
  path: '/v1/traces' | '/v1/metrics',
  outside: Pick<LoadedConfig, 'directory' | 'environment'>,
  stop: AbortSignal,
): SendOtlp {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = path;
  const dispatcher = new Agent({ connect: { timeout: CONNECT_MS }, pipelining: 1, connections: 2 });
  const contentType = protocol === 'http/json' ? 'application/json' : 'application/x-protobuf';
  return async (body) => {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(SEND_MS)]);
    const all = { ...(await resolved(headers, outside)), 'content-type': contentType };
    const answer = await request(url, { dispatcher, method: 'POST', headers: all, body, signal }).catch(unreached);
    answer.body.on('error', () => undefined);
    await answer.body.dump({ limit: MOST_BYTES, signal }).catch(() => undefined);
    const { statusCode } = answer;
    if (statusCode < 200 || statusCode > 299) throw new ExportFailure(`it answered ${statusCode}`);
  };
}

async function resolved(
  headers: CollectorSettings['headers'],
  { directory, environment }: Pick<LoadedConfig, 'directory' | 'environment'>,
): Promise<Record<string, string>> {
  const entries = Object.entries(headers).map(async ([name, text]) => {
    const reference = parseSecretReference(text);
    if (!reference || reference.source === 'secret') throw new ExportFailure(`its header ${name} cannot be read`);
    const value = await resolveSecret(reference, directory, environment).catch((cause: unknown) => {
      throw new ExportFailure(`its header ${name} cannot be read`, { cause });
    });
    return [name, value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** By its code alone: a message may hold the address or a header. */
function unreached(cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  const name = cause instanceof Error ? cause.name : 'unknown';
  throw new ExportFailure(`it was not reached (${code ?? name})`, { cause });
}
