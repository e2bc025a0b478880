import type { z } from 'zod';
import { isObject } from '#shared/mcp/json-rpc.js';
import { valueAt, type KeyPath } from '../../config/key-path.js';
import { nearestWord } from '../../config/nearest-word.js';
import type { Fault, PolicyFile } from '../../config/settings.js';
import { readYaml, type YamlSource } from '../../config/yaml-source.js';

import { CASE_GUIDE, policyCases, type PolicyCase } from './case-schema.js';

/** One case, and where it was written. */
export interface SourceCase {
  readonly file: string;
  readonly line: number;
  /** Its name, or `case 3` where it has none. */
  readonly key: string;
  readonly is: PolicyCase;
  /** A fault at one of its keys. */
  readonly faultAt: (path: KeyPath, about: Pick<Fault, 'message' | 'fix'>) => Fault;
}

interface ReadCases {
  readonly cases: readonly SourceCase[];
  readonly faults: readonly Fault[];
}

const MAX_CASES = 5000;
/** Of the form of one file: to look up the place of a key takes longer the more there are. */
const MAX_FAULTS = 100;

export const isTestFile = ({ file }: PolicyFile): boolean => file.endsWith('.test.yaml');

/** The cases of all test files, in the order of files and lines. Never throws: what is none is a fault. */
export function readCases(files: readonly PolicyFile[]): ReadCases {
  const read = files.filter(isTestFile).map(readFile);
  const cases = read.flatMap((one) => one.cases);
  const excess = cases[MAX_CASES];
  const tooMany = excess?.faultAt([], {
    message: `there are more than ${MAX_CASES} cases in all files`,
    fix: 'each of them is run before a revision becomes active; keep those that guard something',
  });
  return { cases, faults: [...read.flatMap((one) => one.faults), ...(tooMany ? [tooMany] : [])] };
}

function readFile({ file, text }: PolicyFile): ReadCases {
  const source = readYaml(file, text);
  if (!source.readable) return { cases: [], faults: source.faults };
  const parsed = policyCases.safeParse(source.value);
  const fault = faultsOf(file, source);
  if (!parsed.success)
    return {
      cases: [],
      faults: [...source.faults, ...parsed.error.issues.slice(0, MAX_FAULTS).flatMap(fault.ofIssue)],
    };
  const cases = parsed.data.map((is, index): SourceCase => {
    const faultAt: SourceCase['faultAt'] = (path, about) => fault.at([index, ...path], 'value', about);
    return { file, line: source.place([index], 'value').line, key: keyOf(source, index), is, faultAt };
  });
  return { cases, faults: source.faults };
}

function faultsOf(file: string, source: YamlSource) {
  const at = (path: KeyPath, place: 'key' | 'value', about: Pick<Fault, 'message' | 'fix'>): Fault => {
    return { file, ...source.place(path, place), key: keyOf(source, path[0]), ...about };
  };
  const ofIssue = (issue: z.core.$ZodIssue): Fault[] => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.slice(0, MAX_FAULTS).map((key) => at([...path, key], 'key', unknownKey(key, path)));
    }
    const key = path.slice(1).filter((step) => typeof step === 'string');
    const missing = path.length > 1 && valueAt(source.value, path) === undefined;
    const message = missing ? `${key.join('.')} is missing` : `${key.join('.') || 'this'} is not a valid value`;
    return [at(path, missing ? 'key' : 'value', { message, fix: guideTo(key) })];
  };
  return { at, ofIssue };
}

function unknownKey(key: string, path: KeyPath): Pick<Fault, 'message' | 'fix'> {
  const prefix = path.includes('as') ? 'as.' : '';
  const known = KNOWN.filter((one) => one.startsWith(prefix) && !one.slice(prefix.length).includes('.'));
  const names = known.map((one) => one.slice(prefix.length));
  const nearest = nearestWord(key, names);
  const fix = nearest === undefined ? `known are: ${names.join(', ')}` : `did you mean ${nearest}?`;
  return { message: `there is no key ${prefix}${key.slice(0, 100)}`, fix };
}

const KNOWN = ['resource', 'prompt', 'method', 'as.acr', 'as.amr', 'as.device', 'as.client', 'as.claimedClient'].concat(
  Object.keys(CASE_GUIDE).filter((key) => key !== ''),
);

/** What to write under a key, or under the nearest one above it. */
function guideTo(path: readonly string[]): string {
  const guide = CASE_GUIDE[path.join('.')];
  return guide ?? (path.length === 0 ? '' : guideTo(path.slice(0, -1)));
}

/** A path into a file begins with the case's place. */
function keyOf(source: YamlSource, index: KeyPath[number] | undefined): string {
  if (typeof index !== 'number' || !Array.isArray(source.value)) return '';
  const one: unknown = source.value[index];
  const name = isObject(one) ? one['name'] : undefined;
  return typeof name === 'string' && name !== '' ? name.slice(0, 200) : `case ${index + 1}`;
}
