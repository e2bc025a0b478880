import { z } from 'zod';
import { outerReference } from './reference-form.js';

const mount = z.string().regex(/^[\w-][\w./-]*$/, 'write the path at which it is mounted, without slashes around it');
const role = z.string().min(1);

/** How we prove ourselves to a Vault or OpenBao (their HTTP API, `auth/…/login`). */
const vaultAuth = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('token'), token: outerReference }),
  z.strictObject({
    method: z.literal('approle'),
    roleId: z.string().min(1),
    secretId: outerReference,
    mount: mount.default('approle'),
  }),
  z.strictObject({
    method: z.literal('kubernetes'),
    role,
    jwt: outerReference.default('file:/var/run/secrets/kubernetes.io/serviceaccount/token'),
    mount: mount.default('kubernetes'),
  }),
  z.strictObject({ method: z.literal('jwt'), role, jwt: outerReference, mount: mount.default('jwt') }),
]);

/** Where secrets lie that are not ours, and how we get in there. */
export const secretStoreSettings = z
  .strictObject({
    /** HashiCorp Vault or OpenBao: for `vault:` secrets and `vault-transit:` keys. */
    vault: z
      .strictObject({
        address: z.url({ protocol: /^https?$/, error: 'write an https address' }),
        namespace: z.string().min(1).optional(),
        /** Of KV version 2. */
        mount: mount.default('secret'),
        auth: vaultAuth,
      })
      .optional(),
    awsSecretsManager: z
      .strictObject({ region: z.string().regex(/^[a-z0-9-]{2,32}$/, 'write a region such as eu-central-1') })
      .optional(),
    onePassword: z.strictObject({ token: outerReference }).optional(),
  })
  .default({});

export type VaultSettings = NonNullable<z.output<typeof secretStoreSettings>['vault']>;
