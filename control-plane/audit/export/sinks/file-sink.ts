import { ndjson } from '../formats/ndjson.js';
import type { Sink } from '../sink.js';
import { appendLines } from './append-lines.js';

const MOST = 500;

/** One record a line. */
export function fileSink({ name, path }: { readonly name: string; readonly path: string }): Sink {
  return { name, most: MOST, send: async (records) => appendLines(path, ndjson(records)) };
}
