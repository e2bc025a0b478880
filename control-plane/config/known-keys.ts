import { z } from 'zod';
import type { KeyPath } from './key-path.js';
import { settingsSchema } from './settings.js';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const ROOT = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });

/** The keys that the schema of `mcp-sso.yaml` knows at a path; empty where names are free. */
export function knownKeys(path: KeyPath): string[] {
  const schemas = path.reduce<JsonSchema[]>((level, step) => level.flatMap((schema) => below(schema, step)), [ROOT]);
  const keys = schemas.flatMap(alternatives).flatMap(namesIn);
  return [...new Set(keys)];
}

function namesIn(schema: JsonSchema): string[] {
  const free = asSchema(schema.propertyNames)?.enum ?? [];
  return Object.keys(schema.properties ?? {}).concat(free.map(String));
}

function below(schema: JsonSchema, step: string | number): JsonSchema[] {
  return alternatives(schema).flatMap((one) => {
    const child = asSchema(typeof step === 'number' ? one.items : (one.properties?.[step] ?? one.additionalProperties));
    return child ? [child] : [];
  });
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const inner = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].map(asSchema).filter((one) => one !== undefined);
  return inner.length === 0 ? [schema] : inner.flatMap(alternatives);
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
}
