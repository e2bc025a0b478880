import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Secrets by name, each with a file that settings can name. */
export class Planted {
  readonly secrets = new Map<string, string | Buffer>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** A new secret; `between`: characters that encodings change, as far as its kind may hold them. */
  text(name: string, between: string): string {
    const [first, last] = [randomBytes(8), randomBytes(8)].map((bytes) => bytes.toString('hex'));
    const secret = `S${first}${between}${last}`;
    this.secrets.set(name, secret);
    return secret;
  }

  /** The same in a file, as a reference. */
  file(name: string, between = '"<&>\'/+%= \\'): string {
    return this.#written(name, this.text(name, between));
  }

  /** One that somebody else made; of a JWT its signature, because the rest of it is no secret and many share its header. */
  given(name: string, token: string): void {
    if ([...this.secrets.values()].includes(token)) return;
    const [, , signature] = /^eyJ[\w-]*\.[\w-]*\.[\w-]+$/.test(token) ? token.split('.') : [];
    this.secrets.set(`${name} ${this.secrets.size}`, signature ?? token);
  }

  /** The key of a webhook's signatures, as a reference. */
  webhookKey(name: string): string {
    const key = randomBytes(32).toString('base64');
    this.secrets.set(name, key);
    return this.#written(name, `whsec_${key}`);
  }

  /** A private key in PEM. */
  key(name: string, type: 'rsa' | 'ec'): string {
    const { privateKey } =
      type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    this.secrets.set(name, pem.replaceAll(/-----.*-----/g, ''));
    return this.#written(name, pem);
  }

  /** A file with several secrets in it. */
  document(name: string, text: string): string {
    return this.#written(name, text);
  }

  #written(name: string, text: string): string {
    const path = join(this.folder, name.replaceAll(' ', '-'));
    writeFileSync(path, text, { mode: 0o600 });
    chmodSync(path, 0o600);
    return `file:${path}`;
  }
}
