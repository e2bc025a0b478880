import type { z } from 'zod';
import { guideTo } from './guide.js';
import { valueAt, type Finding, type KeyPath } from './key-path.js';
import { knownKeys } from './known-keys.js';
import { nearestWord } from './nearest-word.js';

type Issue = z.core.$ZodIssue;

/** What the schema objects to, in the words of an admin; values are never repeated, one may be a secret. */
export function schemaFindings(issues: readonly Issue[], value: unknown): Finding[] {
  const findings = issues.flatMap((issue) => findingsOf(issue, value));
  const meant = new Set(
    findings.flatMap(({ path, meant: key }) => (key ? [JSON.stringify([...path.slice(0, -1), key])] : [])),
  );
  return findings.filter((finding) => finding.message !== MISSING || !meant.has(JSON.stringify(finding.path)));
}

const MISSING = 'missing';

type SchemaFinding = Finding & { readonly meant?: string };

function findingsOf(issue: Issue, value: unknown): SchemaFinding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(path, key));
    case 'invalid_key':
      return [{ path, at: 'key', message: 'not a usable name', fix: issue.issues[0]?.message ?? guideTo(path) }];
    case 'invalid_type':
      return [wrongType(path, issue.expected, valueAt(value, path))];
    case 'invalid_value':
      return [notOneOf(path, issue.values.map(String), valueAt(value, path))];
    case 'invalid_union':
      return [issue.errors.length === 0 ? wrongVariant(path, issue, value) : notValid(path)];
    case 'invalid_format':
    case 'invalid_element':
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
    case 'custom':
    default:
      return [notValid(path)];
  }
}

function wrongVariant(path: KeyPath, issue: Issue & { code: 'invalid_union' }, value: unknown): Finding {
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  return notOneOf(path, options, valueAt(value, path));
}

function unknownKey(path: KeyPath, key: string): SchemaFinding {
  const known = knownKeys(path);
  const meant = nearestWord(key, known);
  return {
    path: [...path, key],
    at: 'key',
    message: 'unknown key',
    fix: meant ? `did you mean ${meant}?` : `remove it; the keys known here are ${known.join(', ')}`,
    ...(meant ? { meant } : {}),
  };
}

function wrongType(path: KeyPath, expected: string, found: unknown): Finding {
  if (found === undefined) return { path, at: 'key', message: MISSING, fix: guideTo(path) };
  const message = found === null ? 'no value' : `not ${KINDS[expected] ?? `a ${expected}`}`;
  return { path, at: 'value', message, fix: guideTo(path) };
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  object: 'a group of keys',
  record: 'a group of keys',
  array: 'a list',
  int: 'a whole number',
};

function notOneOf(path: KeyPath, options: readonly string[], found: unknown): Finding {
  if (found === undefined) return { path, at: 'key', message: MISSING, fix: guideTo(path) };
  const meant = typeof found === 'string' ? nearestWord(found, options) : undefined;
  const fix = meant ? `did you mean ${meant}? Known are ${options.join(', ')}` : guideTo(path);
  return { path, at: 'value', message: 'not a known value', fix };
}

function notValid(path: KeyPath): Finding {
  return { path, at: 'value', message: 'not a valid value', fix: guideTo(path) };
}
