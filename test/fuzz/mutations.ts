import type { Random } from '../support/random.js';
import { HOSTILE_KEYS, HOSTILE_VALUES } from './hostile-values.js';
import { objectsIn, textOf, treeOf, type JsonMembers } from './json-tree.js';

type Mutation = (object: JsonMembers, at: number, random: Random) => void;

/** Mutations of the member `at` of an object. */
const OF_MEMBERS: readonly Mutation[] = [
  ({ members }, at) => void members.splice(at, 1),
  ({ members }, at, random) => (members[at]!.value = scalar(random.of(HOSTILE_VALUES))),
  ({ members }, at, random) => (members[at]!.value = scalar(random.of(HOSTILE_VALUES))),
  ({ members }, at, random) => members.splice(at, 0, { ...members[at]!, value: scalar(random.of(HOSTILE_VALUES)) }),
  ({ members }, at, random) => members.splice(at, 0, { ...members[at]!, key: random.of(HOSTILE_KEYS) }),
  ({ members }, at, random) => (members[at]!.key = random.of(HOSTILE_KEYS)),
  ({ members }, at) => (members[at]!.value = { kind: 'array', items: [members[at]!.value] }),
  ({ members }, at) => members.unshift(...members.splice(at, 1)),
];

/** Of the bytes of a message. */
const OF_BYTES: readonly ((bytes: Buffer, at: number) => Buffer)[] = [
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at) => bytes.subarray(at),
  (bytes, at) => joined(bytes.subarray(0, at), [0xff], bytes.subarray(at)),
  (bytes, at) => joined(bytes.subarray(0, at), [0xed, 0xa0, 0x80], bytes.subarray(at)),
  (bytes, at) => joined(bytes.subarray(0, at), [0], bytes.subarray(at)),
  (bytes, at) => joined(bytes.subarray(0, at), [bytes[at]! ^ 1], bytes.subarray(at + 1)),
  (bytes) => joined([0xef, 0xbb, 0xbf], bytes),
  (bytes) => Buffer.from(bytes.toString('latin1'), 'utf16le'),
  (bytes) => joined(bytes, bytes),
  (bytes) => joined('[', bytes, ',', bytes, ']'),
  (bytes) => joined('[', bytes, ']'),
  () => Buffer.from('[]'),
  () => Buffer.alloc(0),
  () => Buffer.from('['.repeat(100_000)),
  () => Buffer.from('{"a":'.repeat(50_000)),
];

/** The text of a message after up to three changes of its form; `{` … `}` still stands around it. */
export function mutatedText(message: object, random: Random): string {
  const tree = treeOf(message);
  for (let changes = random.below(4); changes > 0; changes -= 1) {
    const object = random.of(objectsIn(tree));
    if (object.members.length > 0) random.of(OF_MEMBERS)(object, random.below(object.members.length), random);
  }
  return textOf(tree);
}

/** Bytes that mostly are no message any more. */
export function garbled(bytes: Buffer, random: Random): Buffer {
  return random.of(OF_BYTES)(bytes, random.below(Math.max(1, bytes.length)));
}

function scalar(text: string): { kind: 'scalar'; text: string } {
  return { kind: 'scalar', text };
}

function joined(...parts: readonly (Buffer | string | readonly number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
}
