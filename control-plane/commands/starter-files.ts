/** What `init` writes. Every value that only the admin knows is CHANGE-ME, which `check` names until it is replaced. */
export const STARTER_SETTINGS = `# mcp-sso: settings of the control plane.
# After each change: mcp-sso-control-plane check --config <this directory>
# Servers, roles and policies are applied while it runs, within seconds; everything else at its next start.

# The https address at which everyone reaches the control plane: no path, no slash at the end.
publicUrl: CHANGE-ME

# Where it listens. Put a TLS proxy in front, which has to pass Host on; name the proxy's network below.
listen: 127.0.0.1:8700

# Health details for operators. Never make this one public.
adminListen: 127.0.0.1:8701

# Networks of your proxies: only from them is X-Forwarded-For believed.
trustedProxies: []

# Relative to this directory; or, for several control planes, env:NAME or file:PATH with the address of a PostgreSQL.
database: sqlite:./data/mcp-sso.db

# What everything stored is sealed under. Back it up, away from the database.
masterKey: file:./master.key
# In its place, a key of a key service: aws-kms:, gcp-kms:, azure-key-vault: or vault-transit: (docs/guides/secret-stores.md).
# previousMasterKey: file:./old.key   # while it is exchanged (docs/guides/key-rotation.md)

# Where secrets lie that servers' credentials name as vault:PATH#FIELD, aws-secrets-manager:NAME or 1password:op://…
# secretStores:
#   vault: { address: https://vault.acme.example, auth: { method: kubernetes, role: mcp-sso } }

# Who changes servers, roles and policies: files (this directory) or api (the admin API; then this directory is only the
# first revision).
catalog: { source: files }

identity:
  providers:
    # The name is yours to choose; groups are written company/<group> everywhere.
    company:
      # Whose ways to follow: okta, entra, pingone, keycloak or google (docs/guides); oidc, the default, is any other.
      # preset: oidc
      # Register one confidential web client there, with the redirect address <publicUrl>/auth/callback.
      issuer: CHANGE-ME
      clientId: CHANGE-ME
      # env:NAME or file:PATH; the secret itself never stands in this file.
      clientSecret: env:MCP_SSO_IDP_SECRET
      # In its place, a key whose public half is registered there.
      # privateKey: file:./idp-key.pem
      # Where the groups are in the ID token.
      groupsClaim: groups
      # Where the provider tells us at once who has left (docs/guides/scim.md). From then on only its groups count.
      # scim: { token: env:MCP_SSO_SCIM_TOKEN }
      # The same by a logout there (on unless false), by Okta or by Shared Signals (docs/guides/revocation.md).
      # backchannelLogout: true
      # universalLogout: { issuer: https://acme.okta.com }
      # sharedSignals: { issuer: https://acme.okta.com, audience: https://mcp.acme.example }
      # By which claim of the ID token it says that the device is managed, for policies: context.session.managedDevice.
      # managedDevice: { claim: device_managed, values: [true] }
      # Where there are several providers: whose people sign in here. For Google, the Workspaces whose accounts get in.
      # emailDomains: [acme.example]
  # How long people work on while the provider can't be asked: 0 to 3600 seconds; nobody gets in anew meanwhile.
  # graceSeconds: 900
  # Sign-in by a code, for computers without a browser: off, same-network (the device and the browser that approves
  # must reach this control plane from one address) or anywhere.
  deviceLogin: same-network
  # How long a sign-in lives, and how long unused; the strictest of a person's roles holds (docs/guides/sessions.md).
  # sessions: { absoluteMinutes: 720, idleMinutes: 240, roles: { owner: { absoluteMinutes: 60, idleMinutes: 15 } } }
  # Machines that call tools without a person: docs/guides/service-accounts.md.
  # serviceAccounts:
  #   nightly: { privateKeyJwt: { publicKey: file:./nightly.pem } }
  # Apps of other companies at /mcp, without the bridge (docs/guides/remote-clients.md). None is admitted by default.
  # clients:
  #   metadataDocuments: { hosts: [claude.ai, vscode.dev] }
  #   registration: { redirectHosts: [claude.ai, chatgpt.com] }

# Who administers: groups of the provider above.
roles:
  owner: [company/CHANGE-ME]
  # admin: [company/platform]       # servers, credentials, sessions
  # auditor: [company/security]     # the audit, with its personal part, and nothing else
  # helpdesk: [company/it-support]  # lists and ends sessions
  # author: [company/mcp-authors]   # policies and their tests
  # approver: [company/team-leads]  # grants and reviews of tools, never their own; policies name who approves calls

servers:
  # The name is part of what people see: tools appear as example__<tool>.
  example:
    title: Example
    url: CHANGE-ME
    # Only for a server of 2024-11-05, whose answers come on a stream of their own; its address often ends in /sse.
    # transport: sse
    # What the control plane adds to each request; nobody else ever sees it. Kinds: bearer, header, basic, query.
    # credential: { kind: bearer, secret: env:EXAMPLE_TOKEN }   # other kinds: docs/guides/credentials.md
    # For policies: resource in Mcp::Label::"prod". A tool can have labels of its own.
    # labels: [prod]
    # Tools that change or appear wait for mcp-sso reviews; with required, all of them do (docs/guides/access.md).
    # review: first-use
    # owners: [okta/crm-team] # who reads who has access to it, without any role
    # A tool that is not named here counts as destroy.
    tools:
      search: { effect: read }

  # A server without an address: the control plane runs it itself, in a sandbox (apt-get install -y bubblewrap), one
  # process for each sign-in. It sees nothing of this machine but what read and write name, and has no network unless
  # network: host is written.
  # files:
  #   command: [mcp-server-filesystem, /srv/share]
  #   env: { API_TOKEN: secret:files-token }
  #   read: [/srv/share]

# Private networks in which your MCP servers and their authorization servers lie, for example [10.20.0.0/16]. No other
# private address is ever connected to, whatever a name resolves to.
privateNetworks: []

# Networks that policies know by name: context.session.networks.contains("office").
# networks: { office: [203.0.113.0/24] }

# Access for some time that no policy permits: at most so long, and who may take it in an emergency (docs/guides/access.md).
# grants: { maxMinutes: 480, breakGlass: { groups: [company/on-call], maxMinutes: 30 } }

# How long a call waits for the approval that a policy demands.
# approvals: { minutes: 15 }

# Accounts that people have connected at MCP servers themselves are revoked after so many days without a call.
# connections: { idleDays: 90 }

# Whom the control plane tells of requests and alarms (docs/guides/notifications.md).
# notifications:
#   webhooks:
#     ops: { url: https://hooks.acme.example/mcp, secret: env:MCP_SSO_OPS_HOOK }
#   smtp: { url: smtp://mail.acme.example:587, from: mcp@acme.example, to: [ops@acme.example] }

# What the audit keeps of calls: arguments none, hash, policy (what policies read), redacted or full; results none, hash,
# redacted or full. Auditors alone read it (docs/audit-record.md).
# audit:
#   capture: { arguments: policy, results: none, servers: { example: { tools: { search: { arguments: full } } } } }
#   # How long what is personal is kept, days or forever (docs/guides/retention.md).
#   retention: { calls: 400d, lists: 90d, identity: 2200d, administration: 2200d }

# Traces and metrics by OpenTelemetry, to a collector of yours; nothing leaves unless it is written here. The same metrics are
# at adminListen, as /metrics (docs/guides/observability.md).
# telemetry:
#   traces: { endpoint: https://otel.acme.example/v1/traces, headers: { authorization: env:OTLP_AUTHORIZATION }, ratio: 0.1 }
#   metrics: { endpoint: https://otel.acme.example/v1/metrics, headers: { authorization: env:OTLP_AUTHORIZATION } }

# Bounds of MCP traffic. These are the defaults; an error that meets one names it.
# limits:
#   callsPerPerson: 32       # calls and listening streams of one person at once, over all sign-ins
#   callsPerServer: 256
#   parkedPerPerson: 16      # calls that wait for what a server asked the person
#   parkedPerServer: 64
#   parkedCalls: 1000        # of all servers
#   questionsPerClient: 16   # of servers, that wait for one older client
#   questions: 2000
#   answersPerPerson: 1000   # to questions of servers, within ten minutes
#   answers: 100000          # of all people
#   subscriptions: 1000      # to resources of one server, of one client
#   subscriptionBytes: 1048576
#   hostedProcesses: 128     # of all hosted servers
#   sseStreams: 1000         # of all servers with transport: sse
#   requestsPerChannel: 256  # under way at one hosted process, or on one stream of an HTTP+SSE server
#   listenersPerChannel: 1000  # subscriptions at one hosted process
#   headerBytes: 16384
#   requestBytes: 4194304
#   bodySeconds: 30          # until a request has arrived
#   arrivingPerSignIn: 64    # requests of one sign-in that arrive at once
#   nesting: 64              # levels of lists and objects in a request
#   batchMessages: 32        # of one JSON-RPC batch, which clients of 2025-03-26 may send
#   firstByteSeconds: 60     # until a server begins to answer
#   idleSeconds: 60          # longest silence in an answer
#   callSeconds: 600         # a whole call
#   listSeconds: 5           # how long the list of all servers waits for one
#   listItems: 1000          # of one server
#   listPages: 100
#   listBytes: 8388608
#   messageBytes: 16777216   # one message over stdio or HTTP+SSE
#   answerBytes: 1073741824  # the answer to one call, which is never held whole
`;

export const STARTER_POLICY = `// Nothing is permitted unless a policy here says so. Each policy needs an @id and a @reason;
// the reason is what people read when it decides. Beside them, policies/*.test.yaml say what must hold before a changed
// directory is applied: docs/guides/policies.md; mcp-sso policy init writes more of both.

@id("engineering-reads-example")
@reason("Engineering may use the reading tools of the example server.")
permit (
  principal in Mcp::Group::"company/engineering",
  action in Mcp::Action::"read",
  resource in Mcp::Server::"example"
);
`;

export const STARTER_IGNORE = `# Neither the key nor the data belongs in version control.
master.key
data/
`;
