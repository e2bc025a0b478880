import { CodedError } from '#shared/errors.js';
import type { ActiveCatalog } from '../catalog/active-catalog.js';
import type { Revision } from '../catalog/revision.js';
import type { RevisionStore } from '../catalog/revision-store.js';
import type { LoadedConfig, PolicyFile } from '../config/settings.js';
import type { Candidate } from '../policy/candidate/candidate-engine.js';
import type { DefinitionsService } from '../policy/definitions/definitions.service.js';

interface Sources {
  readonly config: LoadedConfig;
  readonly definitions: Pick<DefinitionsService, 'knownAt'>;
}

/** Policy files beside the active servers. Without a lock file of their own they come with the active one. */
export function candidateOfFiles(
  sources: Sources & { readonly catalog: ActiveCatalog },
  files: readonly PolicyFile[],
): Candidate {
  const active = sources.catalog.current();
  const locks = active.policyFiles.filter(({ file }) => isLock(file) && !files.some((own) => own.file === file));
  return candidateOf(sources, { ...active, policyFiles: [...files, ...locks] });
}

/** A stored revision, with its own servers. Throws `not_found`. */
export async function candidateOfRevision(
  sources: Sources & { readonly store: Pick<RevisionStore, 'find'> },
  number: number,
): Promise<Candidate> {
  const open = await sources.store.find(number);
  if (!open) throw new CodedError('not_found', { message: `There is no revision ${number}.` });
  return candidateOf(sources, open());
}

export function candidateOf(
  { config, definitions }: Sources,
  { servers, roles, policyFiles }: Pick<Revision, 'servers' | 'roles' | 'policyFiles'>,
): Candidate {
  const settings = { ...config.settings, servers, roles };
  return { files: policyFiles, settings, known: definitions.knownAt(policyFiles) };
}

function isLock(file: string): boolean {
  return !file.startsWith('policies/');
}
