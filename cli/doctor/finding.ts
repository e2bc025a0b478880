import type { ErrorCode } from '#shared/errors.js';
import { printable } from '../system/printable.js';

/** What doctor looks at, each by one file of `checks/`. */
export type CheckName =
  | 'settings'
  | 'program'
  | 'windows-runtime'
  | 'app-config'
  | 'credential-store'
  | 'folders'
  | 'bridges'
  | 'proxy'
  | 'dns'
  | 'connection'
  | 'clock'
  | 'tls'
  | 'control-plane'
  | 'identity-provider'
  | 'session'
  | 'servers';

/** Who can mend what no command mends. */
type Person = 'you' | 'administrator' | 'network team';

/** The one command, or the one person and what they have to do. */
export type Fix = { readonly command: string } | { readonly person: Person; readonly task: string };

/** What one check found of one thing. */
export interface Finding {
  readonly check: CheckName;
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** One sentence without secrets. */
  readonly detail: string;
  /** The detail in a report that is mailed, where the sentence names a person. */
  readonly mailable?: string;
  /** Name of the fault in the table; absent where there is none. */
  readonly fault?: string;
  /** Where it failed: its exit code is that of the command. */
  readonly code?: ErrorCode;
  readonly fix?: Fix;
}

/** A finding before it is known whose it is. */
export type Found = Omit<Finding, 'check'>;

export const ok = (detail: string): Found => ({ state: 'ok', detail });

/** There was nothing to look at, which is no fault. */
export const skipped = (detail: string): Found => ({ state: 'skipped', detail });

/** One fault of the table. `{name}` in a text stands for a fact. */
export interface FaultForm {
  readonly state: 'warning' | 'failed';
  readonly code: ErrorCode;
  readonly text: string;
  readonly fix: Fix;
}

type Slots<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Slots<Rest> : never;
type FixSlots<F> = F extends { command: infer C } ? Slots<C> : F extends { task: infer T } ? Slots<T> : never;
/** The facts that the texts of a fault ask for. */
export type FactsOf<F extends FaultForm> = Readonly<Record<Slots<F['text']> | FixSlots<F['fix']>, string | number>>;

/** A fault with its facts filled in. */
export function describeFault(name: string, form: FaultForm, facts: Readonly<Record<string, string | number>>): Found {
  const { state, code, text, fix } = form;
  const filled =
    'command' in fix ? { command: fill(fix.command, facts) } : { person: fix.person, task: fill(fix.task, facts) };
  return { state, detail: fill(text, facts), fault: name, ...(state === 'failed' ? { code } : {}), fix: filled };
}

/** More of a text from outside is not shown. */
const LONGEST_FACT = 300;

function fill(text: string, facts: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_slot, name: string) => printable(String(facts[name])).slice(0, LONGEST_FACT));
}
