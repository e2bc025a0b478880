import { CodedError } from '#shared/errors.js';
import type { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Revision } from '../catalog/revision.js';
import type { RevisionStore } from '../catalog/revision-store.js';
import type { LoadedConfig, PolicyFile } from '../config/settings.js';
import type { Candidate } from '../policy/candidate/candidate-engine.js';

interface Sources {
  readonly config: LoadedConfig;
  readonly catalog: ActiveCatalog;
  readonly store: Pick<RevisionStore, 'find'>;
}

/** Policy files beside the active servers. Without a lock file of their own they come with the active one. */
export function candidateOfFiles({ config, catalog }: Sources, files: readonly PolicyFile[]): Candidate {
  const { servers, roles, policyFiles } = catalog.current();
  const locks = policyFiles.filter(({ file }) => isLock(file) && !files.some((own) => own.file === file));
  return { files: [...files, ...locks], settings: { ...config.settings, servers, roles } };
}

/** A stored revision, with its own servers. Throws `not_found`. */
export async function candidateOfRevision({ config, store }: Sources, number: number): Promise<Candidate> {
  const open = await store.find(number);
  if (!open) throw new CodedError('not_found', { message: `There is no revision ${number}.` });
  return candidateOf(config, open());
}

export function candidateOf(config: LoadedConfig, { servers, roles, policyFiles }: Revision): Candidate {
  return { files: policyFiles, settings: { ...config.settings, servers, roles } };
}

function isLock(file: string): boolean {
  return !file.startsWith('policies/');
}
