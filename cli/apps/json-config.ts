import { CodedError } from '#shared/errors.js';

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
  if (!isObject(servers)) throw invalid(file, 'its "mcpServers" is not an object');
  const { [name]: before, ...others } = servers;
  if (JSON.stringify(before) === JSON.stringify(entry)) return text;
  // The entry keeps its place among the others, so that the change is one line in a diff.
  const after = entry ? { ...servers, [name]: entry } : others;
  return `${JSON.stringify({ ...config, mcpServers: after }, null, indentOf(bare))}\n`;
}

function parse(text: string, file: string): JsonObject {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `line ${lineOf(error as Error, text)} is not valid JSON`);
  }
  if (!isObject(value)) throw invalid(file, 'it does not hold a JSON object');
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineOf(error: Error, text: string): number {
  const at = /position (\d+)/.exec(error.message)?.[1];
  return text.slice(0, Math.min(Number(at ?? Infinity), text.trimEnd().length)).split('\n').length;
}

function indentOf(text: string): string {
  return /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? '  ';
}

function invalid(file: string, what: string): CodedError {
  return new CodedError('config_invalid', {
    message: `${file} was left as it is: ${what}. Correct it, then try again.`,
  });
}
