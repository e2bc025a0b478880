import { CodedError } from '#shared/errors.js';

/** Whose file it is: the settings of person, machine and apps, or what a sign-in leaves behind. */
export type FileFaultCode = 'config_invalid' | 'credential_store';

/** What the operating system did not let us do with a file, in words that name the next step. */
export function fileFault(code: FileFaultCode, file: string, doing: 'read' | 'written', cause: unknown): CodedError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const next = doing === 'read' ? 'Check who owns it.' : 'Check who owns its folder, and whether the disk is full.';
  return new CodedError(code, { message: `${file} cannot be ${doing} (${reason}). ${next}`, cause });
}
