import { dirname } from 'node:path';
import { joinOn } from '../../apps/machine.js';
import { found, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok } from '../finding.js';

const LIBRARY = 'vcruntime140.dll';

/** The keychain's native module imports a library that a fresh Windows lacks; Node’s own program does not need it. */
export const WINDOWS_RUNTIME: Check = {
  name: 'windows-runtime',
  title: 'Windows runtime',
  needs: [],
  limit: 2_000,
  code: 'credential_store',
  platforms: ['win32'],
  run: ({ machine, program }) => {
    const system = joinOn(machine, machine.env['SystemRoot'] ?? 'C:\\Windows', 'System32');
    const places = [system, dirname(program.file)].map((folder) => joinOn(machine, folder, LIBRARY));
    const place = places.find((file) => machine.exists(file));
    return Promise.resolve(
      found(place ? ok(`${place} is there.`) : fault('windows-runtime', 'runtime_missing', { file: LIBRARY })),
    );
  },
};
