// Starts the demo on a fresh clone. Free of dependencies; runs on Node 20.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { node, prepare, root } from '../scripts/prepare.mjs';

prepare();
// The channel tells the demo that we are gone, however we go.
const demo = spawn(node, [join(root, 'dist', 'demo', 'main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
// A terminal sends Ctrl-C to both; the demo answers it, and we wait for its end.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => demo.kill(signal));
// It ends its own processes, unless it was killed so that it could not.
let groups = [];
demo.on('message', (message) => (groups = message.groups));
demo.once('exit', (code, signal) => {
  if (signal) groups.forEach(killGroup);
  process.exit(code ?? 1);
});

function killGroup(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It ended on its own.
  }
}
