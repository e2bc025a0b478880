import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { PROBLEMS, type ConfiguredServer, type Endpoint, type Inventory, type Problem } from '#shared/api/inventory.js';
import { printable } from '../../system/printable.js';
import { version } from '../../system/executable.js';
import { PROBLEM_WORDS } from './problem-words.js';
import { ownerWords, secretWords, toolWords, whatOf } from './server-words.js';

/** An inventory as SARIF 2.1.0 (OASIS): one result for each problem, one notification for each file that was not read. */
export function inventorySarif(inventory: Inventory): object {
  const { servers, endpoints, unread, gaps, at } = inventory;
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mcp-sso inventory', version: version(), rules: PROBLEMS.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: true,
            endTimeUtc: at,
            toolExecutionNotifications: [
              ...unread.map(({ file, line, reason }) => ({
                level: 'warning',
                message: { text: printable(`${file} was not read: ${reason}`) },
                locations: [fileLocation(file, line)],
              })),
              ...gaps.map((gap) => ({ level: 'warning', message: { text: printable(gap) } })),
            ],
          },
        ],
        results: [...servers.flatMap(serverResults), ...endpoints.flatMap(endpointResults)],
      },
    ],
  };
}

function ruleOf(id: Problem): object {
  const { short, long, help, level } = PROBLEM_WORDS[id];
  return {
    id,
    name: short,
    shortDescription: { text: long },
    help: { text: help },
    defaultConfiguration: { level },
  };
}

function serverResults(server: ConfiguredServer): object[] {
  const who = printable(`${server.name} of ${server.appTitle}`);
  const what = whatOf(server);
  return server.problems.map((problem) => {
    const detail = problem === 'plaintext-secret' ? secretWords(server.secrets) : what;
    return resultOf(
      problem,
      `${who}: ${detail}. ${PROBLEM_WORDS[problem].long}`,
      fileLocation(server.file, server.line),
      [server.file, server.name],
    );
  });
}

function endpointResults(endpoint: Endpoint): object[] {
  const { url, owner, problems } = endpoint;
  const whose = owner ? ` It is held by ${ownerWords(owner)}.` : '';
  return problems.map((problem) => {
    const tools = problem === 'answers-without-login' ? ` It has ${toolWords(endpoint)}.` : '';
    const location = { physicalLocation: { artifactLocation: { uri: url } } };
    return resultOf(problem, `${printable(url)}: ${PROBLEM_WORDS[problem].long}${tools}${whose}`, location, [url]);
  });
}

function resultOf(problem: Problem, text: string, location: object, identity: readonly string[]): object {
  const fingerprint = createHash('sha256')
    .update([problem, ...identity].join('\0'))
    .digest('hex');
  return {
    ruleId: problem,
    ruleIndex: PROBLEMS.indexOf(problem),
    level: PROBLEM_WORDS[problem].level,
    message: { text },
    locations: [location],
    partialFingerprints: { 'inventory/v1': fingerprint },
  };
}

function fileLocation(file: string, line: number | null): object {
  const region = line === null ? {} : { region: { startLine: line } };
  return { physicalLocation: { artifactLocation: { uri: pathToFileURL(file).href }, ...region } };
}
