/**
 * Why a person can't be sent to a server's authorization server: the message is for admins and the log.
 * `isOutage`: nobody answered, so that the same may work in a moment.
 */
export class DiscoveryFault extends Error {
  constructor(
    message: string,
    readonly fix: string,
    readonly isOutage = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DiscoveryFault';
  }
}
