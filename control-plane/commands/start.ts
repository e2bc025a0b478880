import { ERRORS } from '#shared/errors.js';
import { policyCompiler } from '../policy/validation/policy-compiler.js';
import { checkDirectory } from './check-directory.js';
import { report } from './check.js';
import { stopSignal } from './stop-signal.js';
import { print, type Terminal } from './terminal.js';

/** `start`: check, serve until SIGTERM or SIGINT, then stop gracefully. SIGHUP reads the directory at once. */
export async function start(directory: string, terminal: Terminal): Promise<number> {
  const stopped = stopSignal();
  const verdict = await checkDirectory(directory, terminal.environment, { checks: policyCompiler });
  if (!verdict.config) {
    print(terminal.errors, ...report(verdict, directory));
    return ERRORS.config_invalid.exit;
  }
  print(terminal.errors, ...verdict.warnings.map((warning) => `warning: ${warning}`));
  const { serve } = await import('../serve.js');
  const service = await serve(verdict.config);
  process.on('SIGHUP', () => void service.reload());
  await stopped;
  await service.stop();
  return 0;
}
