import type { Launch } from './launched-package.js';
import { shownAddress } from './address.js';
import { isSecretName, secretKind } from './secret-text.js';
import { shorten } from './shown-text.js';

/** More than these say nothing new. */
const LIMIT = 32;

/** Words that runners and interpreters are told; no secret is one of them. */
const PLAIN_WORDS: ReadonlySet<string> = new Set(
  'run exec x dlx tool start serve server stdio http sse mcp bridge container compose main latest --'.split(' '),
);

/**
 * Arguments as they may be shown: only what is known to be none is, so that a form of secret that nobody thought of stays
 * where it is. Null for the rest.
 */
export function shownArguments(args: readonly string[], launch: Launch | undefined): (string | null)[] {
  return args.slice(0, LIMIT).map((word, at) => {
    const before = args[at - 1] ?? '';
    if (at === launch?.at) return specOf(launch);
    if (isSecretName(before) || ENV_OPTIONS.has(before)) return null;
    return shownArgument(word);
  });
}

/** What follows is `NAME=value`, whose name is among the names of variables. */
const ENV_OPTIONS: ReadonlySet<string> = new Set(['-e', '--env']);

function shownArgument(word: string): string | null {
  if (PLAIN_WORDS.has(word) || /^-[a-zA-Z]$/.test(word) || /^\d{1,5}$/.test(word)) return word;
  if (secretKind({ value: word }) !== undefined) return /^https?:/.test(word) ? shownAddress(word).url : null;
  if (/^--[a-z][a-z0-9-]{0,40}$/i.test(word)) return word;
  if (/^https?:\/\//.test(word)) return shownAddress(word).url;
  const isPath =
    /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|\$\{)[^\s=:;?&]*$/.test(word) ||
    /^[\w./\\-]+\.(?:[cm]?[jt]s|py|jar|sh|exe)$/.test(word);
  return isPath ? shorten(word) : null;
}

function specOf({ package: { registry, name, version } }: Launch): string {
  if (version === null) return name;
  if (registry === 'pypi') return `${name}==${version}`;
  return `${name}${registry === 'oci' && !version.startsWith('sha256:') ? ':' : '@'}${version}`;
}
