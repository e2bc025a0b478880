import type { FaultForm } from '../finding.js';

/** What can be wrong between this computer and the control plane. */
export const NETWORK_FAULTS = {
  proxy: {
    proxy_invalid: {
      state: 'failed',
      code: 'network',
      text: '{variable} is not the address of a proxy.',
      fix: { person: 'you', task: 'Correct {variable}; it looks like http://proxy.example:8080.' },
    },
    proxy_ignored: {
      state: 'warning',
      code: 'network',
      text: '{variable} names a {scheme} proxy, which mcp-sso does not use.',
      fix: { person: 'you', task: 'Name an http or https proxy in {variable}, or unset it.' },
    },
    proxy_unreachable: {
      state: 'failed',
      code: 'network',
      text: 'The proxy {proxy} (set by {variable}) cannot be reached ({reason}).',
      fix: { person: 'you', task: 'Correct or unset {variable}, or ask your network team for the right proxy.' },
    },
    proxy_wants_password: {
      state: 'failed',
      code: 'network',
      text: 'The proxy {proxy} (set by {variable}) wants a user name and a password.',
      fix: {
        person: 'network team',
        task: 'Let {host} through without a password, or say what to put into {variable}.',
      },
    },
    proxy_refuses: {
      state: 'failed',
      code: 'network',
      text: 'The proxy {proxy} (set by {variable}) does not connect to {host} (HTTP status {status}).',
      fix: { person: 'network team', task: 'Let the proxy connect to {host}.' },
    },
  },
  dns: {
    name_unknown: {
      state: 'failed',
      code: 'network',
      text: 'The name {host} was not found.',
      fix: { person: 'you', task: 'Check the address for a slip, and whether the VPN is on.' },
    },
    name_unanswered: {
      state: 'failed',
      code: 'network',
      text: 'No name server said where {host} is ({reason}).',
      fix: { person: 'you', task: 'Check whether this computer is online.' },
    },
  },
  connection: {
    connection_refused: {
      state: 'failed',
      code: 'network',
      text: 'Nothing answers at {host}.',
      fix: { person: 'administrator', task: 'Start the control plane, or say at which address it is.' },
    },
    connection_unanswered: {
      state: 'failed',
      code: 'network',
      text: '{host} does not take a connection within {seconds} seconds.',
      fix: { person: 'network team', task: 'Let this network connect to {host}; from outside the VPN may be needed.' },
    },
    connection_failed: {
      state: 'failed',
      code: 'network',
      text: 'The connection to {host} failed ({reason}).',
      fix: { person: 'network team', task: 'Let this network connect to {host}.' },
    },
  },
  clock: {
    clock_off: {
      state: 'warning',
      code: 'internal',
      text: 'The clock of this computer is {seconds} seconds {direction} that of the control plane.',
      fix: { person: 'you', task: 'Let the system set the time by itself (NTP).' },
    },
  },
  tls: {
    certificate_expired: {
      state: 'failed',
      code: 'network',
      text: 'The certificate of {host} expired on {date}; {issuer} issued it.',
      fix: { person: 'administrator', task: 'Renew the certificate of {host}.' },
    },
    certificate_early: {
      state: 'failed',
      code: 'network',
      text: 'The certificate of {host} is good from {date} on only; {issuer} issued it.',
      fix: { person: 'administrator', task: 'Give {host} a certificate that is good now.' },
    },
    certificate_by_clock: {
      state: 'failed',
      code: 'network',
      text: 'The certificate of {host} is good, but not at the time that the clock of this computer shows.',
      fix: { person: 'you', task: 'Set the clock right: let the system set the time by itself (NTP).' },
    },
    certificate_name: {
      state: 'failed',
      code: 'network',
      text: 'The certificate that {host} shows is for {names}; {issuer} issued it.',
      fix: {
        person: 'administrator',
        task: 'Give {host} a certificate for its name. In a hotel or on a train, the network wants a sign-in of its own first.',
      },
    },
    certificate_untrusted: {
      state: 'failed',
      code: 'network',
      text: 'This computer does not trust the certificate of {host}, issued by {issuer} ({reason}).',
      fix: { person: 'administrator', task: 'Install the root certificate of {issuer} on this computer.' },
    },
    certificate_ends_soon: {
      state: 'warning',
      code: 'network',
      text: 'The certificate of {host} expires on {date}; {issuer} issued it.',
      fix: { person: 'administrator', task: 'Renew the certificate of {host}.' },
    },
    tls_failed: {
      state: 'failed',
      code: 'network',
      text: 'No TLS connection to {host} comes about ({reason}).',
      fix: { person: 'network team', task: 'Let TLS to {host} through as it is; check that it is a TLS port.' },
    },
  },
  'control-plane': {
    answered_by_another: {
      state: 'failed',
      code: 'network',
      text: 'Something else answers for {host} (HTTP status {status}): a network with a sign-in of its own, or a filter.',
      fix: {
        person: 'you',
        task: 'Open any web page and sign in to the network there; at work, ask the network team.',
      },
    },
    not_a_control_plane: {
      state: 'failed',
      code: 'network',
      text: 'What answers at {host} is no control plane (HTTP status {status}).',
      fix: { person: 'you', task: 'Check the address; mcp-sso login --url ADDRESS sets another one.' },
    },
    control_plane_failing: {
      state: 'failed',
      code: 'network',
      text: 'The control plane at {host}, or what stands before it, answers with HTTP status {status}.',
      fix: { person: 'administrator', task: 'Look into the log of the control plane, and of the proxy before it.' },
    },
    not_ready: {
      state: 'failed',
      code: 'network',
      text: 'The control plane runs but takes no calls: {reason}',
      fix: { person: 'administrator', task: 'Look at /health on its adminListen, which names the part.' },
    },
    other_address: {
      state: 'failed',
      code: 'config_invalid',
      text: 'The control plane at {host} says that its address is {issuer}.',
      fix: {
        person: 'administrator',
        task: 'Set publicUrl to the address that people use, or tell them the right one.',
      },
    },
    unreachable: {
      state: 'failed',
      code: 'network',
      text: 'The control plane does not answer. {problem}',
      fix: { person: 'administrator', task: 'Look whether {host} answers elsewhere.' },
    },
  },
} as const satisfies Record<string, Record<string, FaultForm>>;
