import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';

/** What the published schema of SARIF 2.1.0 says against a document; empty where it is valid. */
export function sarifFaults(document: unknown): string[] {
  const published = JSON.parse(readFileSync(join(import.meta.dirname, 'sarif-schema-2.1.0.json'), 'utf8')) as object;
  // It is draft 04, of which it uses nothing that later drafts read otherwise but these two.
  const { $schema: _draft, id: _id, ...schema } = published as Readonly<Record<string, unknown>>;
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
