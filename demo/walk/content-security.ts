/**
 * Whether a page's `form-action` lets a form be sent to this address (CSP Level 3 §6.4.2). Chrome asks the same of
 * every redirect that follows, so a form that ends at another origin needs that origin listed.
 */
export function mayBeSentTo(policies: readonly string[], page: URL, target: URL): boolean {
  return policies.every((policy) => {
    const sources = formAction(policy);
    return sources === undefined || sources.some((source) => matches(source, page, target));
  });
}

function formAction(policy: string): string[] | undefined {
  for (const directive of policy.split(';')) {
    const [name, ...sources] = directive.trim().split(/\s+/);
    if (name?.toLowerCase() === 'form-action') return sources;
  }
  return undefined;
}

function matches(source: string, page: URL, target: URL): boolean {
  if (source === "'none'") return false;
  if (source === "'self'") return target.origin === page.origin;
  if (source === '*') return true;
  if (/^[a-z][a-z0-9+.-]*:$/i.test(source)) return target.protocol === source.toLowerCase();
  const parts =
    /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>[^/:]+|\[[^\]]+\])(?::(?<port>\d+|\*))?(?<path>\/.*)?$/i.exec(
      source,
    );
  if (!parts?.groups) return false;
  const { scheme, host, port, path } = parts.groups;
  return (
    (scheme === undefined || `${scheme.toLowerCase()}:` === target.protocol) &&
    host?.toLowerCase() === target.hostname &&
    (port === '*' || (port ?? '') === target.port) &&
    (path === undefined || target.pathname.startsWith(path))
  );
}
