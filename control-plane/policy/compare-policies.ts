import { structuredPatch } from 'diff';
import type { Fault, PolicyFile } from '../config/settings.js';
import { describePolicy, type PolicySummary } from './describe-policy.js';
import { readPolicies, type SourcePolicy } from './source/read-policies.js';

/** One policy that is not what it was. */
interface PolicyChange {
  readonly id: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** As it is, or as it was where it is gone. */
  readonly policy: PolicySummary;
  /** Its text before and after, as lines with `-` and `+`. */
  readonly diff: string;
}

interface FileChange {
  readonly file: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly diff: string;
}

export interface PolicyComparison {
  /** By @id, in its order. A policy that only moved to another place has not changed. */
  readonly policies: readonly PolicyChange[];
  /** Tests and the lock file, by name. */
  readonly files: readonly FileChange[];
  /** Of texts that can't be read; then the rest is incomplete. */
  readonly faults: readonly Fault[];
}

/** Milliseconds for all texts together: long ones that have nothing in common take minutes. */
const TIME_TO_COMPARE = 1_000;

/** What is different in the later files. Texts that take too long to compare are shown whole, first the earlier one. */
export function comparePolicies(earlier: readonly PolicyFile[], later: readonly PolicyFile[]): PolicyComparison {
  const end = performance.now() + TIME_TO_COMPARE;
  const [before, after] = [policiesOf(earlier), policiesOf(later)];
  return {
    policies: changes(before.byId, after.byId, ({ text }) => text).map(({ name, change, from, to }) => {
      return { id: name, change, policy: describePolicy((to ?? from)!), diff: linesOf(end, from?.text, to?.text) };
    }),
    files: changes(othersOf(earlier), othersOf(later), (text) => text).map(({ name, change, from, to }) => {
      return { file: name, change, diff: linesOf(end, from, to) };
    }),
    faults: after.faults,
  };
}

function policiesOf(files: readonly PolicyFile[]): {
  byId: ReadonlyMap<string, SourcePolicy>;
  faults: readonly Fault[];
} {
  const read = files.filter(({ file }) => file.endsWith('.cedar')).map(readPolicies);
  const policies = read.flatMap((one) => one.policies);
  return { byId: new Map(policies.map((policy) => [policy.key, policy])), faults: read.flatMap((one) => one.faults) };
}

function othersOf(files: readonly PolicyFile[]): ReadonlyMap<string, string> {
  return new Map(files.filter(({ file }) => !file.endsWith('.cedar')).map(({ file, text }) => [file, text]));
}

interface Change<T> {
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly from: T | undefined;
  readonly to: T | undefined;
}

function changes<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  textOf: (one: T) => string,
): Change<T>[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((name): Change<T>[] => {
    const [from, to] = [before.get(name), after.get(name)];
    if (from === undefined) return [{ name, change: 'added', from, to }];
    if (to === undefined) return [{ name, change: 'removed', from, to }];
    return textOf(from) === textOf(to) ? [] : [{ name, change: 'changed', from, to }];
  });
}

/** The lines of a unified diff, without its header. */
function linesOf(end: number, from = '', to = ''): string {
  const timeout = end - performance.now();
  const texts = [ended(from), ended(to)] as const;
  const patch = timeout > 0 ? structuredPatch('', '', ...texts, '', '', { context: 3, timeout }) : undefined;
  return patch ? patch.hunks.flatMap(({ lines }) => lines).join('\n') : whole(...texts);
}

function whole(from: string, to: string): string {
  return [...marked('-', from), ...marked('+', to)].join('\n');
}

function marked(mark: string, text: string): string[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => mark + line);
}

function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
