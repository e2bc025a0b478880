import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** How the control plane names itself to MCP peers on both sides (`Implementation` of the MCP schema). */
export interface Product {
  readonly name: string;
  readonly version: string;
}

export const PRODUCT: Product = { name: 'mcp-sso', version: packageVersion() };

function packageVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) return '0.0.0';
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown };
  return typeof manifest.version === 'string' ? manifest.version : '0.0.0';
}
