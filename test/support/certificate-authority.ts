import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Issued {
  /** PEM: the certificate and its authority's. */
  readonly certificate: string;
  readonly key: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** An authority that issues certificates for servers, as a company runs one. Needs openssl, and faketime for other times. */
export class CertificateAuthority implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcp-sso-ca-'));
  /** File with the root certificate, PEM. */
  readonly file = join(this.#folder, 'root.pem');
  readonly #key = join(this.#folder, 'root.key');

  constructor(name: string) {
    this.#openssl(
      [
        'req',
        '-x509',
        ...KEY,
        '-subj',
        `/O=${name}/CN=${name} Root`,
        '-days',
        '3650',
        '-keyout',
        this.#key,
        '-out',
        this.file,
      ],
      '-1000 days',
    );
  }

  /** A certificate for a name, such as `DNS:localhost`, for 90 days from `start` on (`-100 days`; today where absent). */
  issue(name: string, start?: string): Issued {
    const [request, key, certificate, names] = ['leaf.csr', 'leaf.key', 'leaf.pem', 'leaf.ext'].map((file) =>
      join(this.#folder, file),
    ) as [string, string, string, string];
    writeFileSync(names, `subjectAltName=${name}\n`);
    this.#openssl(['req', ...KEY, '-subj', '/CN=test', '-keyout', key, '-out', request]);
    const signed = ['x509', '-req', '-in', request, '-CA', this.file, '-CAkey', this.#key, '-CAcreateserial'];
    this.#openssl([...signed, '-days', '90', '-extfile', names, '-out', certificate], start ?? '-1 days');
    return {
      certificate: readFileSync(certificate, 'utf8') + readFileSync(this.file, 'utf8'),
      key: readFileSync(key, 'utf8'),
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  #openssl(args: string[], at?: string): void {
    const [program, words] =
      at === undefined ? ['openssl', args] : ['faketime', ['-f', at.replace(' days', 'd'), 'openssl', ...args]];
    execFileSync(program, words, { stdio: 'ignore' });
  }
}
