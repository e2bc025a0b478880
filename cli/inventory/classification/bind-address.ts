import type { Declaration } from '../documents/declaration.js';
import { shorten } from './shown-text.js';

const OPTIONS = /^--?(?:host|hostname|bind|bind-address|listen|address|addr)$/i;
const VARIABLES = /^(?:(?:MCP|FASTMCP|SERVER|UVICORN|HTTP)_)?(?:HOST|BIND|BIND_ADDRESS|LISTEN|LISTEN_ADDRESS)$/;
const ADDRESS = /^(?:\[?[0-9a-f:]*:[0-9a-f:]*\]?|\d{1,3}(?:\.\d{1,3}){3}|localhost|\*)$/i;

/** Where a command of the config is told to listen; null where it says nothing of it. */
export function bindAddress({ command, args, env }: Declaration): string | null {
  if (command === undefined) return null;
  const option = args.flatMap((word, at) => {
    const [name = '', value] = word.split('=', 2);
    return OPTIONS.test(name) ? [value ?? args[at + 1] ?? ''] : [];
  });
  const published = args.flatMap((word, at) =>
    ['-p', '--publish'].includes(args[at - 1] ?? '') ? [publishedAt(word)] : [],
  );
  const variable = env.flatMap(({ name, value }) => (VARIABLES.test(name) ? [value] : []));
  const found = [...option, ...published, ...variable].map((text) => text.replace(/^(\[[^\]]*\]|[^:]*):\d+$/, '$1'));
  const address = found.find((text) => ADDRESS.test(text));
  return address === undefined ? null : shorten(address);
}

/** Docker listens at every address unless it is told one: `8080:80`, `127.0.0.1:8080:80`. */
function publishedAt(word: string): string {
  const [, address] = /^(.+):\d*:\d+(?:\/\w+)?$/.exec(word) ?? [];
  if (address !== undefined) return address;
  return /^(?:\d+:)?\d+(?:\/\w+)?$/.test(word) ? '0.0.0.0' : '';
}
