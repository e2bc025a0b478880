import type { FoundSecret } from '#shared/api/inventory.js';
import type { Declaration, NamedValue } from '../documents/declaration.js';
import { shownAddress } from './address.js';
import { secretKind } from './secret-text.js';

/** Secrets that a config holds in plain text, by kind and place, counted. */
export function foundSecrets(declaration: Declaration): FoundSecret[] {
  const found = [
    ...named('env', declaration.env),
    ...named('header', declaration.headers),
    ...named('setting', declaration.others),
    ...named('argument', namedArguments(declaration)),
    ...(declaration.url === undefined ? [] : shownAddress(declaration.url).secrets.map((kind) => at('url', kind))),
  ];
  const counted = new Map<string, FoundSecret>();
  for (const secret of found) {
    const key = `${secret.in} ${secret.kind}`;
    counted.set(key, { ...secret, count: (counted.get(key)?.count ?? 0) + 1 });
  }
  return [...counted.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, secret]) => secret);
}

function named(place: FoundSecret['in'], values: readonly NamedValue[]): FoundSecret[] {
  return values.flatMap((value) => {
    const kind = secretKind(value);
    return kind === undefined ? [] : [at(place, kind)];
  });
}

function at(place: FoundSecret['in'], kind: FoundSecret['kind']): FoundSecret {
  return { kind, in: place, count: 1 };
}

/** `--api-key X`, `--api-key=X` and `-e API_KEY=X` say what X is; `--header "Authorization: Bearer X"` too. */
function namedArguments({ command = '', args }: Declaration): NamedValue[] {
  return [command, ...args].map((word, index, words) => {
    const [, name = '', value] = /^-{0,2}([A-Za-z][\w.-]{0,60})(?:=|:\s+)(.*)$/s.exec(word) ?? [];
    if (value !== undefined) return { name, value };
    const before = words[index - 1] ?? '';
    return { name: index > 1 && before.startsWith('--') ? before : '', value: word };
  });
}
