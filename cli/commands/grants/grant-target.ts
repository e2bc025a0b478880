import { InvalidArgumentError } from 'commander';
import { printable } from '../../system/printable.js';

export interface TargetArgument {
  readonly server: string;
  readonly tool?: string;
}

/** SERVER or SERVER/TOOL: what is after the first slash is the tool, as it is. Throws commander's InvalidArgumentError. */
export function readTarget(text: string): TargetArgument {
  const slash = text.indexOf('/');
  if (slash < 0 && text !== '') return { server: text };
  const [server, tool] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash > 0 && tool !== '') return { server, tool };
  throw new InvalidArgumentError('Write a server, or a server, a slash and a tool: crm/add_customer.');
}

export function targetText({ server, tool }: { readonly server: string; readonly tool: string | null }): string {
  return printable(tool === null ? server : `${server}/${tool}`);
}
