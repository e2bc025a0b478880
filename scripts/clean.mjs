// Empties what tsc writes, so that a deleted source file leaves no built twin. Executables beside it stay.
import { rmSync } from 'node:fs';

for (const folder of ['cli', 'control-plane', 'shared', 'demo']) {
  rmSync(new URL(`../dist/${folder}/`, import.meta.url), { recursive: true, force: true });
}
