import { CodedError } from '#shared/errors.js';
import { parseExactly } from '#shared/mcp/exact-json.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** One entry of an AI app's `mcpServers`. */
export interface ServerEntry {
  readonly command: string;
  readonly args: readonly string[];
}

/** Text of an app's config with our entry set, or removed where `entry` is undefined; all else stays as it is. Throws CodedError config_invalid. */
export function withServer(text: string, file: string, name: string, entry: ServerEntry | undefined): string {
  const bare = text.replace(/^\uFEFF/, '');
  const config = parse(bare, file);
  const servers = config['mcpServers'] ?? {};
  if (!isObject(servers)) throw unusable(file, 'its "mcpServers" is not an object');
  const { [name]: before, ...others } = servers;
  if (JSON.stringify(before) === JSON.stringify(entry)) return text;
  // The entry keeps its place among the others, so that the change is one line in a diff.
  const after = entry ? { ...servers, [name]: entry } : others;
  const changed = `${JSON.stringify({ ...config, mcpServers: after }, null, indentOf(bare))}\n`;
  return bare.includes('\r\n') ? changed.replaceAll('\n', '\r\n') : changed;
}

function parse(text: string, file: string): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = parseExactly(text);
  } catch (error) {
    throw unusable(file, `${placeOf(error as Error, text)} is not valid JSON`);
  }
  if (!isObject(value)) throw unusable(file, 'it does not hold a JSON object');
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Not every message of the parser says where. */
function placeOf({ message }: Error, text: string): string {
  const position = /position (\d+)/.exec(message)?.[1] ?? (message.includes('end of JSON') ? text.length : undefined);
  if (position === undefined) return 'it';
  const before = text.slice(0, Math.min(Number(position), text.trimEnd().length));
  return `line ${before.split('\n').length}`;
}

function indentOf(text: string): string {
  return /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? '  ';
}

/** A config file that is not touched, and why. */
export function unusable(file: string, what: string): CodedError {
  return new CodedError('config_invalid', {
    message: `${file} was left as it is: ${what}. Correct it, then try again.`,
  });
}
