/** An address that nothing is sent to. The message is for the log and for admins. */
export class AddressRefused extends Error {
  /** @param name the host name that resolves to it, where there was one. */
  constructor(
    readonly address: string,
    readonly host: string = address,
  ) {
    super(host === address ? `${address} is not public` : `${host} is at ${address}, which is not public`);
    this.name = 'AddressRefused';
  }
}
