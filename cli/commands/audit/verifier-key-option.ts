import { formatVerifierKey } from '#shared/audit-log/signed-note.js';
import { CodedError } from '#shared/errors.js';
import { readText } from './read-text.js';

const FORM = /^([^\s+]+)\+[0-9a-f]{8}\+([A-Za-z0-9+/]{44})$/;

/** The log's key from `--key`: as published, or the path of a file that holds it. Throws `usage` for anything else. */
export async function readVerifierKey(option: string): Promise<string> {
  const text = FORM.test(option) ? option : (await readText(option)).trim();
  const [, name, material] = FORM.exec(text) ?? [];
  const isKey =
    name !== undefined &&
    material !== undefined &&
    formatVerifierKey(name, Buffer.from(material, 'base64').subarray(1)) === text;
  if (isKey) return text;
  throw new CodedError('usage', {
    message:
      'That is no key of an audit log. Write it as it was published (NAME+ID+KEY), or the path of a file that holds it.',
  });
}
