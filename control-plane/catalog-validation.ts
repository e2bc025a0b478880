import type { FactoryProvider } from '@nestjs/common';
import { CatalogValidation } from './catalog/validation.js';
import { checkContent } from './commands/check-content.js';
import { checkDirectory } from './commands/check-directory.js';
import { CONFIG } from './config/config.module.js';
import type { LoadedConfig } from './config/settings.js';
import { DefinitionsService } from './policy/definitions/definitions.service.js';
import type { Compile } from './policy/judge-policies.js';
import { policyCompiler } from './policy/validation/policy-compiler.js';

/** What `check` asks of a directory is asked of every revision, without holding up what is served. */
export const CATALOG_VALIDATION: FactoryProvider<CatalogValidation> = {
  provide: CatalogValidation,
  inject: [CONFIG, DefinitionsService],
  useFactory: (config: LoadedConfig, definitions: DefinitionsService) => {
    const compile: Compile = (files, settings) => policyCompiler.compile(files, settings, definitions.knownAt(files));
    return {
      directory: (texts) => checkDirectory(config.directory, config.environment, texts, compile, 'warning'),
      content: (proposed) => checkContent(proposed, config, compile),
    };
  },
};
