import { createWriteStream } from 'node:fs';
import { printable } from '../system/printable.js';

const LEVELS = ['debug', 'info', 'warn', 'error', 'none'] as const;
type Level = (typeof LEVELS)[number];

const MAX_VALUE = 200;

/** Only what the bridge says of its own work fits in: never a token, an argument or a result. */
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

interface Sink {
  readonly level: Level;
  readonly write: (line: string) => void;
}

/** What the bridge did, a line each: short text for a person on stderr, JSON in the file. */
export class BridgeLog {
  readonly #stderr: Sink;
  readonly #file: Sink | undefined;

  constructor(stderr: Sink, file?: Sink) {
    this.#stderr = stderr;
    this.#file = file;
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

  #write(level: Level, event: string, fields: Fields): void {
    const safe = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, shown(value)]));
    if (passes(level, this.#stderr)) {
      const details = Object.entries(safe).map(([key, value]) => ` ${key}=${value}`);
      this.#stderr.write(`mcp-sso: ${event}${details.join('')}\n`);
    }
    if (this.#file !== undefined && passes(level, this.#file)) {
      this.#file.write(`${JSON.stringify({ time: new Date().toISOString(), level, event, ...safe })}\n`);
    }
  }
}

/**
 * The log that the environment asks for: `MCP_SSO_LOG_LEVEL` (debug, info, warn, error, none) and `MCP_SSO_LOG_FILE`
 * (a path; made for its owner only). Without them warnings go to stderr.
 */
export function openLog(env: Readonly<Record<string, string | undefined>>, stderr: (text: string) => void): BridgeLog {
  const wanted = LEVELS.find((level) => level === env['MCP_SSO_LOG_LEVEL']);
  const path = env['MCP_SSO_LOG_FILE'];
  const sink: Sink = { level: wanted ?? 'warn', write: stderr };
  if (path === undefined || path === '') return new BridgeLog(sink);
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  file.on('error', () => stderr('mcp-sso: the log file cannot be written\n'));
  return new BridgeLog(sink, { level: wanted ?? 'info', write: (line) => void (file.writable && file.write(line)) });
}

function passes(level: Level, sink: Sink): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(sink.level);
}

/** A method's name comes from outside. */
function shown(value: Fields[string]): Fields[string] {
  return typeof value === 'string' ? printable(value.slice(0, MAX_VALUE)) : value;
}
