import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.js';

/** The folder that the demo's hosted server works on. */
export function writeShare(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'handbook.txt'), 'Welcome to the demo company. The kitchen is on the second floor.\n');
}

/** The published filesystem server, as an administrator lets the control plane run it. */
export function filesServer(share: string, sandbox: boolean): string {
  const modules = join(ROOT, 'node_modules');
  const program = join(modules, '@modelcontextprotocol', 'server-filesystem', 'dist', 'index.js');
  const isolation = sandbox
    ? `    # In a sandbox: it sees its own code and the share, and has no network.
    read: ${JSON.stringify([modules, share])}`
    : `    isolation: none
    network: host`;
  return `  files:
    title: Shared files
    # No address: the control plane runs this one itself, a process for each sign-in.
    command: ${JSON.stringify([process.execPath, program, share])}
${isolation}
    tools:
      read_text_file: { effect: read }
      list_directory: { effect: read }
      get_file_info: { effect: read }
      search_files: { effect: read }
      write_file: { effect: write }
`;
}
