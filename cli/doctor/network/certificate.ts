import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, getCACertificates, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';

/** What a server showed, and what this computer thinks of it. */
export interface ShownCertificate {
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  /** Name of who issued it; of itself where nobody did. */
  readonly issuer: string;
  /** Names that it is for, as text. */
  readonly names: string;
  /** OpenSSL's reason, such as SELF_SIGNED_CERT_IN_CHAIN; undefined where it is trusted. */
  readonly refusal: string | undefined;
  /** Whether it is for the host that was asked for. */
  readonly named: boolean;
  /** Root of the chain, where it could be built. */
  readonly root: string;
  /** True where only this computer's own list has the root: a company's own, or one that reads along. */
  readonly privateRoot: boolean;
}

export function readCertificate(socket: TLSSocket, host: string): ShownCertificate {
  const shown = socket.getPeerCertificate(true);
  const root = rootOf(shown);
  const refusal = socket.authorizationError as unknown as Error | string | undefined;
  return {
    validFrom: Date.parse(shown.valid_from),
    validTo: Date.parse(shown.valid_to),
    issuer: nameOf(shown.issuer),
    names: (shown.subjectaltname ?? nameOf(shown.subject)).replaceAll(/DNS:|IP Address:/g, ''),
    refusal: socket.authorized ? undefined : String((refusal as { code?: string })?.code ?? refusal),
    named: checkServerIdentity(host, shown) === undefined,
    root: nameOf(root.subject),
    privateRoot: !isPublic(root),
  };
}

function rootOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  const { issuerCertificate: issuer } = certificate;
  return issuer && issuer.fingerprint256 !== certificate.fingerprint256 ? rootOf(issuer) : certificate;
}

/** Whether Mozilla's list, which comes with Node, has it. */
function isPublic({ fingerprint256 }: DetailedPeerCertificate): boolean {
  return getCACertificates('bundled').some((pem) => new X509Certificate(pem).fingerprint256 === fingerprint256);
}

interface Name {
  readonly O?: string | string[];
  readonly CN?: string | string[];
}

function nameOf(name: Name | undefined): string {
  const parts = [name?.CN, name?.O].flat().filter((part) => part !== undefined && part !== '');
  return parts.length > 0 ? parts.join(', ') : 'nobody named';
}
