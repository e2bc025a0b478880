import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { ExportedRecord } from '../exported-record.js';
import { FORMATS, type FormatName } from '../formats/formats.js';
import { statusOf } from '../formats/ocsf/status.js';
import { DeliveryFailure } from '../../delivery/delivery-failure.js';
import type { Sink } from '../sink.js';

const MOST = 500;
/** RFC 5425 §4.1. */
const PORT = 6514;
/** RFC 5424 §6.2.1: "log audit". */
const FACILITY = 13;
const WARNING = 4;
const INFORMATIONAL = 6;
const MOST_MSGID = 32;

interface SyslogOptions {
  readonly name: string;
  /** `tls://HOST[:PORT]`. */
  readonly url: string;
  /** Of the control plane. */
  readonly host: string;
  readonly format: FormatName;
  /** Certificates of authorities, PEM, read at each batch. */
  readonly ca: (() => Promise<string>) | undefined;
}

/**
 * RFC 5424 over TLS (RFC 5425), one connection a batch. Syslog has no answer: a batch counts as taken when the receiver,
 * told that no more comes, has read to the end and closed the connection in order. What it does with it then nobody says.
 */
export function syslogSink({ name, url, host, format, ca }: SyslogOptions): Sink {
  const { hostname, port } = new URL(url);
  const servername = hostname.replace(/^\[|\]$/g, '');
  const open = async (): Promise<TLSSocket> => {
    const trusted = ca === undefined ? {} : { ca: await ca() };
    return connect({ host: servername, port: port === '' ? PORT : Number(port), ...trusted });
  };
  return {
    name,
    most: MOST,
    async send(records, signal) {
      const bytes = records.map((record) => framed(messageOf(record, host, format))).join('');
      await deliver(await open(), bytes, signal).catch(undelivered);
    },
    /** A connection over which nothing is said. */
    async probe(signal) {
      await deliver(await open(), '', signal).catch(undelivered);
    },
  };
}

async function deliver(socket: TLSSocket, bytes: string, signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  socket.on('error', (error) => failed.abort(error));
  try {
    const either = { signal: AbortSignal.any([signal, failed.signal]) };
    await once(socket, 'secureConnect', either);
    socket.resume();
    socket.end(bytes);
    await once(socket, 'end', either);
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    socket.destroy();
  }
}

/** Octet counting, RFC 5425 §4.3.1. */
function framed(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

/** RFC 5424 §6: no structured data, as all that there is to say is in the message. */
function messageOf(record: ExportedRecord, host: string, format: FormatName): string {
  const { ts, type } = record.header;
  const severity = statusOf(record).severity_id > 1 ? WARNING : INFORMATIONAL;
  const header = [`<${FACILITY * 8 + severity}>1`, new Date(ts).toISOString(), host, 'mcp-sso', '-'];
  return [...header, type.replaceAll(/[^!-~]/g, '_').slice(0, MOST_MSGID), '-', FORMATS[format](record)].join(' ');
}

function undelivered(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const name = error instanceof Error ? error.name : 'unknown';
  throw new DeliveryFailure(`it was not reached, or closed before it had read all (${code ?? name})`, { cause: error });
}
