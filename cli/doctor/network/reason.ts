/** The system's short word for a failure, such as ECONNREFUSED. */
export function reasonOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name ?? 'unknown error';
}
