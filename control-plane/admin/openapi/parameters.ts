import { z } from 'zod';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: object;
}

/** A schema of parameters as OpenAPI lists them. */
export function parametersOf(place: Parameter['in'], schema: z.ZodObject | undefined): Parameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).flatMap(([name, property]) =>
    typeof property === 'boolean'
      ? []
      : [{ name, in: place, required: place === 'path' || required.includes(name), schema: property }],
  );
}
