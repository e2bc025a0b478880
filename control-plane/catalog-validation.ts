import type { FactoryProvider } from '@nestjs/common';
import { CatalogValidation } from './catalog/validation.js';
import { checkContent } from './commands/check-content.js';
import { checkDirectory } from './commands/check-directory.js';
import { CONFIG } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { DefinitionsService } from './policy/definitions/definitions.service.js';
import { servedChecks } from './policy/validation/served-checks.js';

/** What `check` asks of a directory is asked of every revision, without holding up what is served. */
export const CATALOG_VALIDATION: FactoryProvider<CatalogValidation> = {
  provide: CatalogValidation,
  inject: [CONFIG, DefinitionsService],
  useFactory: (config: LoadedConfig, definitions: DefinitionsService) => {
    const checks = servedChecks(definitions);
    return {
      directory: (texts) => checkDirectory(config.directory, config.environment, { texts, checks }),
      content: (proposed) => checkContent(proposed, config, checks),
    };
  },
};
