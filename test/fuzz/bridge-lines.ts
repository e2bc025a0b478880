import type { Random } from '../support/random.js';
import { garbled, mutatedText } from './mutations.js';
import { SERVERS, speech, type Voice } from './speech.js';

/** A line that is written to a bridge. */
export interface Line {
  readonly number: number;
  readonly bytes: Buffer;
  /** Its request may never be answered, so that it has to be cancelled. */
  readonly open: boolean;
}

/** More than a bridge takes in one line. */
const TOO_LONG = 17 * 1024 * 1024;

/** The line of this number, in either era and to any server. Line breaks stand in none of them. */
export function lineOf(number: number, marker: string, random: Random): Line {
  const era: Voice['era'] = random.of(['modern', 'legacy']);
  const id = random.of([number, String(number), `${marker}-${number}`]);
  const { message, open } = speech({ marker, era, endpoint: undefined, states: [] }, id, random);
  const text = Buffer.from(random.below(4) === 0 ? JSON.stringify(message) : mutatedText(message, random));
  return { number, bytes: oneLine(bytesOf(text, random)), open };
}

/** What an app answers to a question of a server: mostly nonsense. */
export function answerTo(id: unknown, marker: string, random: Random): Buffer {
  const result = { action: random.of(['accept', 'decline', 'shrug']), content: { marker } };
  const message =
    random.below(3) === 0
      ? { jsonrpc: '2.0', id, error: { code: 1, message: marker } }
      : { jsonrpc: '2.0', id, result };
  const text = random.below(2) === 0 ? JSON.stringify(message) : mutatedText(message, random);
  return oneLine(Buffer.from(text));
}

/** Cuts bytes at chance, so that pieces of lines arrive together and apart. */
export function pieces(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: 1 + random.below(12) }, () => random.below(bytes.length)).toSorted((a, b) => a - b);
  return [0, ...cuts]
    .map((from, at) => bytes.subarray(from, cuts[at] ?? bytes.length))
    .filter(({ length }) => length > 0);
}

function bytesOf(text: Buffer, random: Random): Buffer {
  const kind = random.below(500);
  if (kind === 0) return Buffer.concat([text, Buffer.alloc(TOO_LONG, ' ')]);
  if (kind < 50) return garbled(text, random);
  if (kind < 60) return Buffer.concat([text, Buffer.from('\r')]);
  return kind < 70 ? Buffer.from(`  ${text.toString()}\t`) : text;
}

function oneLine(bytes: Buffer): Buffer {
  return bytes.includes('\n') ? Buffer.from(bytes.toString('latin1').replaceAll('\n', ' '), 'latin1') : bytes;
}

/** Every server, by the name under which its tool is shown. */
export const ECHOES = SERVERS.map((server) => `${server}__echo`);
