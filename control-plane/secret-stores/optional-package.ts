import { SecretUnreadable } from '../config/secret-reference.js';

/**
 * Loads a package that only some installations need, and that is not installed with us.
 * @throws SecretUnreadable where it is missing, with the command that installs it.
 */
export async function optionalPackage<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Only where it is the package itself that is missing, and not a part of it.
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' && error instanceof Error && error.message.includes(`'${name}'`);
    if (!isMissing) throw error;
    throw new SecretUnreadable(
      `the package ${name} is not installed`,
      `run, where mcp-sso is installed: npm install ${name}`,
      'absent',
    );
  }
}
