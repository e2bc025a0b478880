// The signature that `ssh-keygen -Y verify` checks, which Macs and Windows have where they have no OpenSSL 3:
// https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
import { createHash, createPublicKey, sign } from 'node:crypto';

const TYPE = 'ssh-ed25519';
const MAGIC = Buffer.from('SSHSIG');

/** An Ed25519 public key as OpenSSH writes it. */
export function sshPublicKey(publicKey) {
  return `${TYPE} ${keyBlob(publicKey).toString('base64')}`;
}

/** The armored signature of some bytes for a namespace. */
export function sshSignature(bytes, privateKey, namespace) {
  const hash = createHash('sha512').update(bytes).digest();
  const about = [string(namespace), string(''), string('sha512')];
  const signature = sign(null, Buffer.concat([MAGIC, ...about, string(hash)]), privateKey);
  const version = Buffer.from([0, 0, 0, 1]);
  const key = keyBlob(createPublicKey(privateKey));
  const signed = string(Buffer.concat([string(TYPE), string(signature)]));
  const blob = Buffer.concat([MAGIC, version, string(key), ...about, signed]).toString('base64');
  return `-----BEGIN SSH SIGNATURE-----\n${blob.match(/.{1,70}/g).join('\n')}\n-----END SSH SIGNATURE-----\n`;
}

function keyBlob(publicKey) {
  const { x } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([string(TYPE), string(Buffer.from(x, 'base64url'))]);
}

/** A string of RFC 4251, section 5: its length in four bytes before it. */
function string(value) {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
