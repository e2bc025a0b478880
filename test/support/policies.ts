/** A policy that lets everyone do everything at a server. */
export function everythingAt(server: string): string {
  return `@id("all-of-${server}") @reason("For the test.")
permit (principal, action, resource in Mcp::Server::"${server}");
`;
}
