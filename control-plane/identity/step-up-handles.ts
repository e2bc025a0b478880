import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { StorageService } from '../storage/storage.service.js';

const PURPOSE = 'step-up-handles';
const BOUND_TO = 'handle';
/** Milliseconds in which a step-up may begin. */
const LIFETIME = 600_000;
const MAX_LENGTH = 1_024;

/** Which session a new sign-in is to renew. */
const renewalSchema = z.object({
  session: z.string(),
  person: z.string(),
  /** Thumbprint of the key that the session's tokens are bound to. */
  key: z.string(),
  expiresAt: z.number(),
});
export type Renewal = Omit<z.output<typeof renewalSchema>, 'expiresAt'>;

/**
 * What a client gets with a refusal for want of another sign-in, and gives to the authorization endpoint: sealed ids, no
 * token and nothing personal, because it stands in an address. Only whoever proved to hold the session's key gets one.
 */
@Injectable()
export class StepUpHandles {
  constructor(@Inject(StorageService) private readonly storage: StorageService) {}

  issue(renewal: Renewal): string {
    const sealed = JSON.stringify({ ...renewal, expiresAt: Date.now() + LIFETIME });
    return this.storage.seal(PURPOSE, BOUND_TO, Buffer.from(sealed)).toString('base64url');
  }

  /** Undefined for what was not made here. */
  open(handle: string): Renewal | undefined {
    return this.#unseal(handle);
  }

  /** Whether a step-up may begin with it now. */
  isGood(handle: unknown): boolean {
    const expiresAt = typeof handle === 'string' ? this.#unseal(handle)?.expiresAt : undefined;
    return expiresAt !== undefined && expiresAt > Date.now();
  }

  #unseal(handle: string): z.output<typeof renewalSchema> | undefined {
    if (handle.length > MAX_LENGTH) return undefined;
    try {
      const plain = this.storage.open(PURPOSE, BOUND_TO, Buffer.from(handle, 'base64url')).toString();
      return renewalSchema.parse(JSON.parse(plain));
    } catch {
      return undefined;
    }
  }
}
