import { Injectable } from '@nestjs/common';
import { pino, type Logger as Pino } from 'pino';

/** A value that its author declares fit for the log. Anything without this tag is written as `[secret]`. */
class Shown {
  constructor(readonly value: string | number | boolean | null | undefined) {}
}

/** Tags a log field as public: ids, names of servers and tools, codes, counts. Never tokens or arguments. */
export function shown(value: Shown['value']): Shown {
  return new Shown(value);
}

type Fields = Readonly<Record<string, unknown>>;
type Level = 'debug' | 'info' | 'warn' | 'error';

/** Structured log on stdout, one JSON object a line. An untagged field is a secret. */
@Injectable()
export class Logger {
  readonly #pino: Pino;

  constructor(level: Level = 'info', destination?: NodeJS.WritableStream) {
    const options = { level, base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime };
    this.#pino = destination ? pino(options, destination) : pino(options);
  }

  debug(event: string, fields: Fields = {}): void {
    this.#write('debug', event, fields);
  }
  info(event: string, fields: Fields = {}): void {
    this.#write('info', event, fields);
  }
  warn(event: string, fields: Fields = {}): void {
    this.#write('warn', event, fields);
  }
  error(event: string, fields: Fields = {}): void {
    this.#write('error', event, fields);
  }

  #write(level: Level, event: string, fields: Fields): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    this.#pino[level](masked(fields), event);
  }
}

function masked(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Shown ? printable(value.value) : '[secret]']),
  );
}

/** Control, format and line-break characters could forge a second log line, or steer a terminal or what it seems to say. */
function printable(value: Shown['value']): Shown['value'] {
  return typeof value === 'string' ? value.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '\u{fffd}').slice(0, 2000) : value;
}
