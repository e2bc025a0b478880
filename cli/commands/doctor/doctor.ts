import { writeBundle } from '../../doctor/bundle/write-bundle.js';
import type { Check } from '../../doctor/check.js';
import { checksOn } from '../../doctor/checks.js';
import { diagnose, type DoctorEvent } from '../../doctor/diagnose.js';
import type { Finding } from '../../doctor/finding.js';
import { thisScene } from '../../doctor/this-scene.js';
import { verdictOf } from '../../doctor/verdict.js';
import { openScreen, whileShowing } from '../../ui/open-screen.js';
import { printable } from '../../system/printable.js';
import { jsonLine, newCommand, type CommonOptions, type Mount } from '../command.js';
import type { CommandContext } from '../context.js';
import { describeFinding, describeFix, describeVerdict, inOrder } from './finding-lines.js';

interface DoctorOptions extends CommonOptions {
  readonly bundle?: string;
}

export function addDoctor({ program, run }: Mount): void {
  program.addCommand(
    newCommand('doctor', 'Find what keeps an AI app from its tools, and who can mend it', 'mcp-sso doctor')
      .option('--bundle <file>', 'write a report that is safe to mail: without tokens, keys, secrets, values and names')
      .action((options: DoctorOptions) => run(options, (context) => doctor(context, options.bundle))),
  );
}

async function doctor(context: CommandContext, bundle: string | undefined): Promise<number> {
  const scene = thisScene(context);
  const screen = await openScreen(context);
  const checks = checksOn(scene.machine.platform);
  const findings = await whileShowing(screen, 'Looking', (progress) => {
    const drawn = (title: string, { state, detail, fix }: Finding): void => {
      const advice = fix === undefined ? {} : { advice: describeFix(fix) };
      if (screen) progress?.print(screen.finding({ title, state, detail: printable(detail), ...advice }));
    };
    const plain = (title: string, finding: Finding): void => context.stdout(describeFinding(title, finding));
    return printed(diagnose(scene, checks), checks, context.json ? undefined : screen ? drawn : plain);
  });
  const verdict = verdictOf(findings);
  const { version } = scene.program;
  if (bundle !== undefined) await writeBundle(bundle, scene, findings);
  if (context.json)
    context.stdout(jsonLine({ version, ...verdict, findings: findings.map(shown), bundle: bundle ?? null }));
  else context.stdout(describeVerdict(verdict));
  if (bundle !== undefined && !context.json) context.stdout(`Wrote ${printable(bundle)}, which is safe to mail.\n`);
  return verdict.exit;
}

/** Reads the events to their end, and shows the findings of each check as soon as all before it are known. */
async function printed(
  events: AsyncGenerator<DoctorEvent, Finding[]>,
  checks: readonly Check[],
  show: ((title: string, finding: Finding) => void) | undefined,
): Promise<Finding[]> {
  const next = inOrder(checks);
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
    for (const { title, finding } of next(value)) show?.(title, finding);
  }
}

function shown({ mailable: _mailable, ...finding }: Finding): Omit<Finding, 'mailable'> {
  return finding;
}
