import { expect, test } from 'vitest';
import { awsSignature, canonicalRequest, verified } from '../testing/aws-signature.js';
import { awsSigV4, signed } from './aws-sigv4.js';

// Not run live: there is no AWS here. The signature is computed a second time from its documentation, and that
// computation is held against values that AWS has published.
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: undefined };
const DATE = '20150830T123600Z';
const REGION = { region: 'us-east-1', service: 'execute-api' };

test('the second computation: AWS’s own example of a request to IAM', () => {
  const listUsers = {
    method: 'GET',
    target: '/?Action=ListUsers&Version=2010-05-08',
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      host: 'iam.amazonaws.com',
      'x-amz-date': DATE,
    },
    body: '',
  };
  const signedHeaders = ['content-type', 'host', 'x-amz-date'];
  expect(canonicalRequest(listUsers, signedHeaders)).toBe(
    [
      'GET',
      '/',
      'Action=ListUsers&Version=2010-05-08',
      'content-type:application/x-www-form-urlencoded; charset=utf-8',
      'host:iam.amazonaws.com',
      'x-amz-date:20150830T123600Z',
      '',
      'content-type;host;x-amz-date',
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ].join('\n'),
  );
  expect(awsSignature(listUsers, SECRET, { date: DATE, region: 'us-east-1', service: 'iam', signedHeaders })).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

test('the second computation: get-vanilla of AWS’s signature test suite', () => {
  const request = {
    method: 'GET',
    target: '/',
    headers: { host: 'example.amazonaws.com', 'x-amz-date': DATE },
    body: '',
  };
  const parts = { date: DATE, region: 'us-east-1', service: 'service', signedHeaders: ['host', 'x-amz-date'] };
  expect(awsSignature(request, SECRET, parts)).toBe('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31');
});

const URL_ = 'https://abc123.execute-api.us-east-1.amazonaws.com:8443/st%20age/mcp?b=2&a=x%20y&a=%2F&empty=&t=%C3%A4~*';

test.each([
  { method: 'GET', body: '' },
  { method: 'DELETE', body: '' },
  { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"größe"}}' },
] as const)('$method: the two computations agree, over every header that is sent', async ({ method, body }) => {
  const headers = {
    'content-type': 'application/json',
    'Mcp-Session-Id': 's  1',
    accept: 'application/json, text/event-stream',
    'cache-control': 'no-store',
  };
  const added = await signed({ method, url: URL_, headers, body }, REGION, KEYS, DATE);
  expect(Object.keys(added).toSorted()).toEqual(['authorization', 'x-amz-content-sha256', 'x-amz-date']);
  const { host, pathname, search } = new URL(URL_);
  const sent = Object.fromEntries(Object.entries({ ...headers, ...added, host }).map(([k, v]) => [k.toLowerCase(), v]));
  expect(verified({ method, target: pathname + search, headers: sent, body }, SECRET)).toEqual({
    keyId: 'AKIDEXAMPLE',
    ...REGION,
    signed: ['accept', 'content-type', 'host', 'mcp-session-id', 'x-amz-content-sha256', 'x-amz-date'],
  });
  for (const change of [
    { method: 'PUT' },
    { target: '/st%20age/mcp' },
    { body: `${body} ` },
    { headers: { ...sent, accept: 'text/html' } },
  ]) {
    expect(verified({ method, target: pathname + search, headers: sent, body, ...change }, SECRET)).toBeUndefined();
  }
});

test('the token of a session is sent and signed, and the body is signed for S3 too', async () => {
  const keys = { ...KEYS, sessionToken: 'session-token-1' };
  const request = { method: 'POST', url: 'https://s3.eu-central-1.amazonaws.com/b', headers: {}, body: '{}' };
  const added = await signed(request, { region: 'eu-central-1', service: 's3' }, keys, DATE);
  expect(added['x-amz-security-token']).toBe('session-token-1');
  expect(added['x-amz-content-sha256']).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  const headers = { ...added, host: 's3.eu-central-1.amazonaws.com' };
  expect(verified({ method: 'POST', target: '/b', headers, body: '{}' }, SECRET)?.signed).toContain(
    'x-amz-security-token',
  );
});

test('an injection has no values of its own, and masks what signs', () => {
  const injection = awsSigV4('s/aws-sigv4', REGION, { ...KEYS, sessionToken: 'session-token-1' });
  expect(injection).toMatchObject({ reference: 's/aws-sigv4', headers: {}, query: {} });
  expect(injection.secrets).toEqual([SECRET, 'AKIDEXAMPLE', 'session-token-1']);
});
