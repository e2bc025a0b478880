// Preloaded by vitest: worker threads of the product start from its sources, as the tests themselves do.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) registerHooks({ resolve, load });

function resolve(specifier, context, next) {
  if (specifier.startsWith('#shared/')) {
    return next(specifier, { ...context, conditions: ['mcp-sso-source', ...context.conditions] });
  }
  const url = /^(\.|file:).*\.js$/.test(specifier) ? new URL(specifier, context.parentURL) : undefined;
  const source = url && new URL(url.href.replace(/\.js$/, '.ts'));
  const isSource = source && !existsSync(fileURLToPath(url)) && existsSync(fileURLToPath(source));
  return isSource ? { url: source.href, format: 'module', shortCircuit: true } : next(specifier, context);
}

function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  // Not only stripped: parameter properties have to become assignments.
  const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'), { mode: 'transform' });
  return { format: 'module', source, shortCircuit: true };
}
