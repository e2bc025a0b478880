import { receiptSchema } from '#shared/audit-log/receipt.js';
import type { LogFinding } from '#shared/audit-log/verify-log.js';
import { verifyReceipt } from '#shared/audit-log/verify-receipt.js';
import { CodedError, ERRORS } from '#shared/errors.js';
import { printable } from '../../system/printable.js';
import { jsonLine } from '../command.js';
import type { CommandContext } from '../context.js';
import { readCheckpoints } from './checkpoint-file.js';
import { readText } from './read-text.js';
import { verifyExport } from './verify-export.js';

interface OfflineOptions {
  /** The log's key, as published. */
  readonly key: string;
  /** File of earlier checkpoints. */
  readonly since?: string;
}

/** Resolves to 0, or to 8 with the first record that fails. Asks nobody. */
export async function verifyExportOffline(
  context: CommandContext,
  folder: string,
  { key, since }: OfflineOptions,
): Promise<number> {
  const earlier = since === undefined ? [] : await readCheckpoints(since, key);
  const { manifest, result, payloads } = await verifyExport(folder, key, earlier);
  if ('message' in result) return reportFinding(context, result, `The export in ${printable(folder)}`);
  const { from, records } = manifest;
  const root = result.root.toString('base64');
  if (context.json) {
    const facts = { intact: true, from, records, size: result.size, root, payloads, earlier: earlier.length };
    context.stdout(`${JSON.stringify(facts)}\n`);
    return 0;
  }
  const first = from === 0 ? '' : `, from record ${from} on`;
  const shown = manifest.payloads ? `The personal part of ${payloads} is shown, and is what they commit to.\n` : '';
  const before =
    earlier.length === 0
      ? 'It was compared with no earlier checkpoint: add --since to know that nothing was rewritten before this one.\n'
      : `It still begins with all that ${earlier.length === 1 ? 'the earlier checkpoint' : `${earlier.length} earlier checkpoints`} covered.\n`;
  context.stdout(`The export is intact: ${records} records${first}.\nRoot  ${root}\n${shown}${before}`);
  return 0;
}

/** Resolves to 0, or to 8 with what does not hold. Asks nobody. */
export async function verifyReceiptOffline(
  context: CommandContext,
  file: string,
  { key }: OfflineOptions,
): Promise<number> {
  const parsed = receiptSchema.safeParse(parseJson(await readText(file)));
  if (!parsed.success) throw new CodedError('usage', { message: `${file} is not a receipt of mcp-sso audit receipt.` });
  const proven = verifyReceipt(parsed.data, key);
  if ('message' in proven) return reportFinding(context, proven, `The receipt ${printable(file)}`);
  const records = proven.map(({ index, header }) => ({ index, header }));
  const size = proven[0]?.checkpoint.size ?? 0;
  const shown = parsed.data.records.filter(({ personal }) => personal.state === 'shown').length;
  if (context.json) {
    context.stdout(jsonLine({ intact: true, size, records, payloads: shown }));
    return 0;
  }
  const lines = records.map(
    ({ index, header }) =>
      `  record ${index}  ${new Date(header.ts).toISOString()}  ${printable(`${header.type} ${header.phase}`)}  ${printable(JSON.stringify(header.facts))}`,
  );
  const notes = [
    ...(shown === 0 ? [] : [`The personal part of ${shown} is shown, and is what they commit to.`]),
    ...missingHalf(records.map(({ header }) => header.phase)),
  ];
  const first = `The receipt holds: its records are in the log of ${size} that was signed.`;
  context.stdout(`${[first, ...lines, ...notes].join('\n')}\n`);
  return 0;
}

/** Whoever passes a receipt on can leave a record out of it. */
function missingHalf(phases: readonly string[]): string[] {
  if (phases.length > 1) return [];
  if (phases[0] === 'intent')
    return ['It holds no outcome of this call: there was none when it was made, or it was taken out since.'];
  return phases[0] === 'outcome' ? ['It holds the outcome alone: the call itself was taken out.'] : [];
}

function reportFinding(context: CommandContext, finding: LogFinding, what: string): number {
  if (context.json) {
    context.stdout(`${JSON.stringify({ intact: false, finding })}\n`);
    return ERRORS.findings.exit;
  }
  const reference = finding.id === undefined ? '' : ` Its reference is ${printable(finding.id)}.`;
  throw new CodedError('findings', {
    message: `${what} does not verify. ${printable(finding.message)}${reference}\nKeep a copy, and tell your security team.`,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
