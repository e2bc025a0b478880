import type { DirectoryTexts } from '../config/read-directory.js';
import type { Fault, LoadedConfig, PolicyFile } from '../config/settings.js';
import type { CatalogContent } from './content.js';

/** Servers and roles as they would stand in `mcp-sso.yaml`, and policy files. */
export interface ProposedContent {
  readonly servers: unknown;
  readonly roles: unknown;
  readonly policyFiles: readonly PolicyFile[];
}

/** Says whether something may become a revision. The rules belong to rooms that the catalog does not know. */
export abstract class CatalogValidation {
  /** `config` only where there is no fault. */
  abstract directory(texts: DirectoryTexts): Promise<{
    readonly config?: LoadedConfig;
    readonly faults: readonly Fault[];
  }>;
  /** `content` only where there is no fault. */
  abstract content(proposed: ProposedContent): Promise<{
    readonly content?: CatalogContent;
    /** One line each, fit to show. */
    readonly faults: readonly string[];
  }>;
}
