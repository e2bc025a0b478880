import type { PolicyFault } from '#shared/api/policies.js';
import { printable } from '../../system/printable.js';

/** `policies/crm.cedar:3:1 sales: what is wrong → what to do`. */
export function faultLine({ file, line, column, key, message, fix }: PolicyFault): string {
  return printable(`${file}:${line}:${column} ${key === '' ? '' : `${key}: `}${message} → ${fix}`);
}
