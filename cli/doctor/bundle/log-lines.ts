import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';

/** Bytes and lines at the end of a log. */
const TAIL = 64 * 1024;
const MOST_LINES = 100;

/** Words as the bridge writes events: lower case, few, short. Nothing that a log was tricked into holding has this form. */
const EVENT = /^[a-z’']{1,14}(?: [a-z’']{1,14}){0,7}$/;
/** Names of methods and codes, such as `tools/call` and `policy_denied`. */
const NAME = /^[a-z]{1,16}(?:[_/][A-Za-z]{1,20}){0,3}$/;
const NAMED = ['method', 'code'] as const;
const COUNTED = ['milliseconds'] as const;

const lineSchema = z.looseObject({
  time: z.iso.datetime(),
  level: z.enum(['debug', 'info', 'warn']),
  event: z.string(),
});

/** The end of a bridge's log (MCP_SSO_LOG_FILE): of each line what the bridge says of its own work, and nothing else. */
export function shownLog(file: string): object[] {
  return tailOf(file)
    .split('\n')
    .flatMap((line) => shownLine(line) ?? [])
    .slice(-MOST_LINES);
}

function shownLine(line: string): object | undefined {
  const value = parsed(line);
  if (!value || !EVENT.test(value.event)) return undefined;
  const { time, level, event } = value;
  const names = NAMED.flatMap((key) => {
    const name = value[key];
    return typeof name === 'string' && NAME.test(name) ? [[key, name] as const] : [];
  });
  const counts = COUNTED.flatMap((key) => (Number.isInteger(value[key]) ? [[key, value[key]] as const] : []));
  return { time, level, event, ...Object.fromEntries([...names, ...counts]) };
}

function parsed(line: string): z.output<typeof lineSchema> | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function tailOf(file: string): string {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, TAIL));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } catch {
    return '';
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
