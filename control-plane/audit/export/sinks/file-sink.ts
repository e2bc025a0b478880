import { linesOf, type FormatName } from '../formats/formats.js';
import type { Sink } from '../sink.js';
import { appendLines } from '../../delivery/append-lines.js';
import { probeFile } from '../../delivery/probe-file.js';

const MOST = 500;

interface FileOptions {
  readonly name: string;
  readonly path: string;
  readonly format: FormatName;
}

/** One record a line. */
export function fileSink({ name, path, format }: FileOptions): Sink {
  return {
    name,
    most: MOST,
    send: async (records) => appendLines(path, linesOf(records, format)),
    probe: async () => probeFile(path),
  };
}
