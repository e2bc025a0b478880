import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '#shared/audit-log/checkpoint.js';
import { ErasureClaims } from '#shared/audit-log/erasure-claims.js';
import { CompactRange } from '#shared/audit-log/merkle-tree.js';
import { disclosureSchema } from '#shared/audit-log/receipt.js';
import { parseHeader } from '#shared/audit-log/record-header.js';
import { LogVerification, type LogFinding } from '#shared/audit-log/verify-log.js';
import { payloadFinding } from '#shared/audit-log/verify-receipt.js';
import { CodedError } from '#shared/errors.js';
import { EXPORT_FILES, exportManifestSchema, type ExportManifest } from './export-manifest.js';
import { readLines, readText } from './read-text.js';

/** Bytes of the manifest, and of the checkpoint. */
const MOST = 1024 * 1024;

export interface VerifiedExport {
  readonly manifest: ExportManifest;
  readonly result: LogFinding | Checkpoint;
  /** How many records' personal parts were shown and hold. */
  readonly payloads: number;
}

/** Checks an exported log offline, line by line. Throws `usage` for a folder that holds none, or cannot be held against `earlier`. */
export async function verifyExport(
  folder: string,
  verifierKey: string,
  earlier: readonly Checkpoint[] = [],
): Promise<VerifiedExport> {
  await requireFiles(folder);
  const manifest = await readManifest(folder);
  const { from, edge } = manifest;
  const comparable = earlier.filter(({ size }) => size >= from);
  if (earlier.length > 0 && comparable.length === 0) {
    throw new CodedError('usage', {
      message: `The export begins at record ${from}, after all that the checkpoint covers. Compare it with one over ${from} records or more.`,
    });
  }
  const roots = edge.map((root) => Buffer.from(root, 'base64'));
  const before = CompactRange.of(from, roots);
  if (!before)
    return { manifest, result: { message: 'The edge in its manifest does not fit its first record.' }, payloads: 0 };
  const verification = new LogVerification(verifierKey, comparable, before);
  const claims = new ErasureClaims();
  const { finding, payloads } = await addLines(folder, manifest, { verification, claims });
  const note = await readText(join(folder, EXPORT_FILES.checkpoint), MOST);
  const checked = finding ?? verification.finish(note);
  // Of an export that leaves out the beginning of the log, what came before may have said so.
  const result = from === 0 && !('message' in checked) ? (claims.finish() ?? checked) : checked;
  if ('message' in result || result.size - from === manifest.records) return { manifest, result, payloads };
  const message = `Its manifest says ${manifest.records} records, and there are ${result.size - from}.`;
  return { manifest, result: { message }, payloads };
}

/** What somebody else packed may hold pipes, devices and links: reading them has no end, or reads what is not in the export. */
async function requireFiles(folder: string): Promise<void> {
  for (const name of Object.values(EXPORT_FILES)) {
    const file = join(folder, name);
    const found = await lstat(file).catch(() => undefined);
    if (found === undefined || found.isFile()) continue;
    throw new CodedError('usage', { message: `${file} is no regular file. An export holds nothing else.` });
  }
}

async function readManifest(folder: string): Promise<ExportManifest> {
  const file = join(folder, EXPORT_FILES.manifest);
  const text = await readText(file, MOST);
  try {
    return exportManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CodedError('usage', {
      message: `${file} is not the manifest of an export. Export the log again.`,
      cause,
    });
  }
}

async function addLines(
  folder: string,
  { from, payloads: hasPayloads }: ExportManifest,
  { verification, claims }: { readonly verification: LogVerification; readonly claims: ErasureClaims },
): Promise<{ readonly finding?: LogFinding; readonly payloads: number }> {
  const leaves = readLines(join(folder, EXPORT_FILES.leaves));
  const payloads = hasPayloads ? readLines(join(folder, EXPORT_FILES.payloads)) : undefined;
  let index = from;
  let shown = 0;
  for await (const header of readLines(join(folder, EXPORT_FILES.headers))) {
    const leaf = await nextOf(leaves);
    const finding =
      verification.add(header, leaf) ?? (payloads && checkPayload(index, header, await nextOf(payloads), claims));
    if (finding && 'message' in finding) return { finding, payloads: shown };
    if (finding?.isShown === true) shown += 1;
    index += 1;
  }
  for (const [name, lines] of Object.entries({ leaves, ...(payloads ? { payloads } : {}) })) {
    if ((await lines.next()).done === true) continue;
    return {
      finding: { index, message: `There are more ${name} than records, of which the last is ${index - 1}.` },
      payloads: shown,
    };
  }
  return { payloads: shown };
}

/** A line that is missing is one that fits no record. */
async function nextOf(lines: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await lines.next();
  return done === true ? '' : value;
}

function checkPayload(
  index: number,
  headerText: string,
  line: string,
  claims: ErasureClaims,
): LogFinding | { readonly isShown: boolean } {
  const header = parseHeader(headerText)!;
  const disclosure = parseDisclosure(line);
  if (!disclosure) {
    return { index, id: header.id, message: `The personal part of record ${index} is missing from the export.` };
  }
  claims.add(index, header, disclosure);
  return payloadFinding(index, header, disclosure) ?? { isShown: disclosure.state === 'shown' };
}

function parseDisclosure(line: string): ReturnType<typeof disclosureSchema.parse> | undefined {
  try {
    return disclosureSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
