/** A key of somebody else's key service, which wraps ours and never leaves it. */
type ExternalKey =
  | { readonly service: 'aws-kms'; readonly arn: string; readonly region: string }
  | { readonly service: 'gcp-kms'; readonly name: string }
  | { readonly service: 'azure-key-vault'; readonly id: string }
  | { readonly service: 'vault-transit'; readonly origin: string; readonly mount: string; readonly name: string };

const AWS = /^aws-kms:(arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/[\w/-]+)$/;
const GCP = /^gcp-kms:(projects\/[^/\s]+\/locations\/[^/\s]+\/keyRings\/[^/\s]+\/cryptoKeys\/[^/\s]+)$/;
const AZURE =
  /^azure-key-vault:(https:\/\/[a-z0-9-]+\.(?:vault\.azure\.(?:net|cn)|vault\.usgovcloudapi\.net|managedhsm\.azure\.net)\/keys\/[A-Za-z0-9-]+)\/?$/;
const TRANSIT = /^vault-transit:(https?:\/\/[^/\s?#@]+)\/v1\/([\w./-]+)\/keys\/([\w.-]+)$/;

/** `aws-kms:…`, `gcp-kms:…`, `azure-key-vault:…` or `vault-transit:…`; undefined for anything else. */
export function parseExternalKey(text: string): ExternalKey | undefined {
  const [, arn, region] = AWS.exec(text) ?? [];
  if (arn !== undefined && region !== undefined) return { service: 'aws-kms', arn, region };
  const [, key] = GCP.exec(text) ?? [];
  if (key !== undefined) return { service: 'gcp-kms', name: key };
  const [, id] = AZURE.exec(text) ?? [];
  if (id !== undefined) return { service: 'azure-key-vault', id };
  const [, origin, mount, name] = TRANSIT.exec(text) ?? [];
  if (origin === undefined || mount === undefined || name === undefined) return undefined;
  return { service: 'vault-transit', origin, mount, name };
}
