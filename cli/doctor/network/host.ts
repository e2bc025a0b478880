/** The host of an address as sockets take it: IPv6 without brackets. */
export function hostWithoutBrackets({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, '');
}
