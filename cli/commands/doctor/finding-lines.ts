import type { Check } from '../../doctor/check.js';
import type { DoctorEvent } from '../../doctor/diagnose.js';
import type { CheckName, Finding, Fix } from '../../doctor/finding.js';
import type { Verdict } from '../../doctor/verdict.js';
import { printable } from '../../system/printable.js';

const MARKS: Record<Finding['state'], string> = { ok: 'ok', warning: 'warning', failed: 'FAILED', skipped: 'skipped' };
const MARK_WIDTH = 9;
const TITLE_WIDTH = 19;

/** One finding in one line, and below it what mends it. */
export function describeFinding(title: string, { state, detail, fix }: Finding): string {
  const line = `${MARKS[state].padEnd(MARK_WIDTH)}${title.padEnd(TITLE_WIDTH)}${printable(detail)}\n`;
  return fix === undefined ? line : `${line}${' '.repeat(MARK_WIDTH + TITLE_WIDTH)}${describeFix(fix)}\n`;
}

const PEOPLE = { you: 'You', administrator: 'Your administrator', 'network team': 'Your network team' } as const;

/** What mends a fault: a command to run, or a person and what they have to do. */
export function describeFix(fix: Fix): string {
  return 'command' in fix ? `Run: ${printable(fix.command)}` : `${PEOPLE[fix.person]}: ${printable(fix.task)}`;
}

export function describeVerdict({ failed, warnings, fine, skipped }: Verdict): string {
  return `${failed} failed, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${fine} ok, ${skipped} skipped\n`;
}

interface TitledFinding {
  readonly title: string;
  readonly finding: Finding;
}

/** Takes events in any order, and gives back findings in the order of the checks as soon as it is known. */
export function inOrder(checks: readonly Check[]): (event: DoctorEvent) => TitledFinding[] {
  const waiting = [...checks];
  const known = new Map<CheckName, readonly Finding[]>();
  return (event) => {
    if (event.type === 'finished') known.set(event.check, event.findings);
    const due: TitledFinding[] = [];
    for (let next = waiting[0]; next; next = waiting[0]) {
      const findings = known.get(next.name);
      if (!findings) break;
      const { title } = next;
      due.push(...findings.map((finding) => ({ title, finding })));
      waiting.shift();
    }
    return due;
  };
}
