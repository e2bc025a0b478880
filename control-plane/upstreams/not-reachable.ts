import { CodedError } from '#shared/errors.js';
import type { AddressRefused } from '../egress/address-refused.js';
import { rangeFor } from '../egress/reachable-addresses.js';

/** The server has an address that nothing is sent to: a private one that is not in `privateNetworks`. */
export function notReachable(refused: AddressRefused): CodedError {
  const range = rangeFor(refused.address);
  return new CodedError('upstream_unreachable', {
    message:
      'The MCP server lies in a network that the control plane may not connect to. The call was not made. Tell your administrator.',
    detail: `${refused.message}; add ${range} to privateNetworks if the server is the company’s own`,
    cause: refused,
  });
}
