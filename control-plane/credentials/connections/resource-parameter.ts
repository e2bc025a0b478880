/** RFC 8707 §2. */
export function resourceParameter(resource: string | null): Readonly<Record<string, string>> {
  return resource === null ? {} : { resource };
}
