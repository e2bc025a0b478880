import { mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { auditConsistencySchema } from '#shared/api/audit-proofs.js';
import { auditLogSchema, type AuditLog } from '#shared/api/audit.js';
import { PATHS } from '#shared/api/paths.js';
import { CompactRange } from '#shared/audit-log/merkle-tree.js';
import { openCheckpoint } from '#shared/audit-log/open-checkpoint.js';
import { CodedError } from '#shared/errors.js';
import { writeFileAtomically } from '../../system/atomic-file.js';
import { fileFault } from '../../system/file-fault.js';
import { readAnswer, type ReadApi } from '../api-answer.js';
import { readCheckpoints } from './checkpoint-file.js';
import { EXPORT_FILES, type ExportManifest } from './export-manifest.js';

export interface ExportRequest {
  readonly folder: string;
  /** Of a checkpoint; the records that it covers are left out. */
  readonly since?: string;
  readonly payloads: boolean;
  readonly source: string;
  readonly now: Date;
}

/**
 * Writes the log to a new or empty folder, page by page. Throws `usage` for a folder that holds something, and `findings`
 * where the log no longer begins with the checkpoint of `since`.
 */
export async function exportLog(read: ReadApi, request: ExportRequest): Promise<ExportManifest> {
  const { folder, payloads } = request;
  await makeEmpty(folder);
  const { from, edge } = await startOf(read, request.since);
  let page = await fetchPage(read, from, payloads);
  const files = await openFiles(folder, payloads);
  let fetched = from;
  try {
    for (;;) {
      await appendPage(files, page);
      fetched += page.headers.length;
      // Reading is audited, so the log grows with every page; what a page ends with covers what came before it.
      const signed = openCheckpoint(page.checkpoint, page.verifierKey);
      if (!signed || page.headers.length === 0 || fetched >= signed.size) break;
      page = await fetchPage(read, fetched, payloads);
    }
    for (const file of files.values()) await file.sync();
  } catch (error) {
    throw error instanceof CodedError ? error : fileFault('config_invalid', folder, 'written', error);
  } finally {
    for (const file of files.values()) await file.close();
  }
  const manifest: ExportManifest = {
    format: 'mcp-sso-audit-export@v1',
    source: request.source,
    exportedAt: request.now.toISOString(),
    from,
    records: fetched - from,
    edge,
    payloads,
  };
  await writeOne(folder, 'checkpoint', page.checkpoint);
  await writeOne(folder, 'verifierKey', `${page.verifierKey}\n`);
  await writeOne(folder, 'manifest', `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function makeEmpty(folder: string): Promise<void> {
  const found = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => readdir(folder))
    .catch((cause: unknown) => {
      throw fileFault('config_invalid', folder, 'written', cause);
    });
  if (found.length === 0) return;
  throw new CodedError('usage', {
    message: `${folder} is not empty. Name a new folder: an export is never mixed with another.`,
  });
}

async function startOf(read: ReadApi, since: string | undefined): Promise<Pick<ExportManifest, 'from' | 'edge'>> {
  if (since === undefined) return { from: 0, edge: [] };
  const { verifierKey } = readAnswer(auditConsistencySchema, await read(`${PATHS.auditConsistency}?from=0`));
  const checkpoint = (await readCheckpoints(since, verifierKey)).at(-1)!;
  const from = checkpoint.size;
  const { edge } = readAnswer(auditConsistencySchema, await read(`${PATHS.auditConsistency}?from=${from}`));
  const range = CompactRange.of(
    from,
    edge.map((root) => Buffer.from(root, 'base64')),
  );
  if (range?.root().equals(checkpoint.root) === true) return { from, edge };
  throw new CodedError('findings', {
    message: `The first ${from} records are not those of ${since}: at least one was changed, removed, added or moved. Export the whole log without --since, keep it, and tell your security team.`,
  });
}

async function fetchPage(read: ReadApi, from: number, payloads: boolean): Promise<AuditLog> {
  const query = `from=${from}${payloads ? '&payloads=shown' : ''}`;
  return readAnswer(auditLogSchema, await read(`${PATHS.auditLog}?${query}`));
}

type Written = 'headers' | 'leaves' | 'payloads';

async function openFiles(folder: string, payloads: boolean): Promise<Map<Written, FileHandle>> {
  const names: readonly Written[] = ['headers', 'leaves', ...(payloads ? ['payloads' as const] : [])];
  const files = new Map<Written, FileHandle>();
  for (const name of names) files.set(name, await open(join(folder, EXPORT_FILES[name]), 'wx', 0o600));
  return files;
}

async function appendPage(files: ReadonlyMap<Written, FileHandle>, page: AuditLog): Promise<void> {
  const { headers, leaves } = page;
  const payloads = page.payloads.map((payload) => JSON.stringify(payload));
  const lines = { headers, leaves, payloads };
  for (const [name, file] of files) await file.appendFile(lines[name].map((line) => `${line}\n`).join(''));
}

async function writeOne(folder: string, name: keyof typeof EXPORT_FILES, text: string): Promise<void> {
  await writeFileAtomically(join(folder, EXPORT_FILES[name]), text, 'config_invalid');
}
