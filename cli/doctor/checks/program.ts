import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { found, type Check } from '../check.js';
import { fault } from '../faults/faults.js';
import { ok, type Found } from '../finding.js';

/** This program: where it is, and whether the PATH leads to it. */
export const PROGRAM: Check = {
  name: 'program',
  title: 'Program',
  needs: [],
  limit: 2_000,
  code: 'config_invalid',
  run: ({ program, machine: { platform, env } }) => {
    const onPath = firstOnPath(env['PATH'] ?? env['Path'] ?? '', platform);
    return Promise.resolve(found(...judgeProgram({ ...program, platform, onPath })));
  },
};

interface ProgramFacts {
  readonly command: readonly [string, ...string[]];
  readonly file: string;
  readonly version: string;
  readonly platform: NodeJS.Platform;
  /** What `mcp-sso` means in the terminal; undefined where it means nothing. */
  readonly onPath: string | undefined;
}

export function judgeProgram({ command, file, version, platform, onPath }: ProgramFacts): Found[] {
  const own = realPath(file);
  const elsewhere = onPath !== undefined && realPath(onPath) !== own ? onPath : undefined;
  const where = onPath === undefined ? ', which is not on your PATH: type its whole path in commands' : '';
  return [
    ok(`This is mcp-sso ${version} (${file})${where}.`),
    ...(platform === 'win32' && command[0].includes(' ')
      ? [fault('program', 'path_with_space', { path: command[0] })]
      : []),
    ...(elsewhere === undefined ? [] : [fault('program', 'another_on_path', { path: elsewhere, own: file })]),
  ];
}

export function firstOnPath(path: string, platform: NodeJS.Platform): string | undefined {
  const name = platform === 'win32' ? 'mcp-sso.exe' : 'mcp-sso';
  // An empty or relative folder means the one that the person is in, where anyone may have put a file.
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find((file) => isProgram(file));
}

/** Whether it is a file that this account may run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Where links lead; the path itself where there is nothing. */
export function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
