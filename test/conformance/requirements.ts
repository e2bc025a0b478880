import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../demo/stack/root.js';

/** Where the suite is installed. */
export const SUITE = join(ROOT, 'test/peers/node_modules/@modelcontextprotocol/conformance');

/** Revisions whose frozen sets of requirements we run. */
export const REQUIREMENTS = ['2025-11-25', '2026-07-28'] as const;
export type Requirements = (typeof REQUIREMENTS)[number];

type Leg = 'server' | 'client';

interface RequirementsFile extends Readonly<Record<Leg, readonly string[]>> {
  readonly not_scored: readonly { readonly scenario: string; readonly leg: Leg; readonly reason: string }[];
}

/** Every scenario of a set, those that never count included. */
export function scenariosOf(requirements: Requirements, leg: Leg): string[] {
  const file = parse(readFileSync(join(SUITE, 'requirements', `${requirements}.yaml`), 'utf8')) as RequirementsFile;
  const unscored = file.not_scored.filter((entry) => entry.leg === leg);
  return [...file[leg], ...unscored.map(({ scenario }) => scenario)];
}
