import type { DefinitionsService } from '../definitions/definitions.service.js';
import type { PolicyChecks } from '../judge-policies.js';
import { policyCompiler } from './policy-compiler.js';

/** Checks against the definitions that were accepted, and never in the thread that serves. */
export function servedChecks(definitions: Pick<DefinitionsService, 'knownAt'>): PolicyChecks {
  return {
    compile: (files, settings) => policyCompiler.compile(files, settings, definitions.knownAt(files)),
    test: policyCompiler.test,
  };
}
