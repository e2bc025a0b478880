import { Logger } from '../../observability/logger.js';
import { SigningKeys } from '../../identity/signing-keys/signing-keys.service.js';
import { Notifications } from '../../storage/notifications/notifications.js';
import { StorageService } from '../../storage/storage.service.js';

/** The `SigningKeys` of assertions: never those of our tokens, so that neither can be used as the other. */
export const ASSERTION_KEYS = Symbol('keys that sign assertions');

export const assertionKeys = {
  provide: ASSERTION_KEYS,
  inject: [StorageService, Notifications, Logger],
  useFactory: (storage: StorageService, notifications: Notifications, logger: Logger): Promise<SigningKeys> =>
    SigningKeys.open(storage, notifications, logger, 'assertions'),
};
