import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DeliveryFailure } from './delivery-failure.js';

/** Whether lines could be appended, without making or opening the file. @throws DeliveryFailure */
export async function probeFile(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK).catch(async (error: unknown) => {
      if (!isAbsent(error)) throw error;
      await access(dirname(path), constants.W_OK | constants.X_OK);
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new DeliveryFailure(`its file cannot be written (${code})`, { cause: error });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
