import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { Mark, Paint } from './paint.js';
import type { ServerLine } from './screen.js';

/** A server in one line; what it waits for in lines of their own. */
export function ServersView({ servers }: { readonly servers: readonly ServerLine[] }): ReactElement {
  const width = Math.max(...servers.map(({ id }) => id.length)) + 2;
  return (
    <Box flexDirection="column">
      {servers.map(({ id, title, state, tone }) => (
        <Box key={id}>
          <Mark tone={tone} />
          <Box width={width} flexShrink={0}>
            <Text bold>{id}</Text>
          </Box>
          <Box flexDirection="column" flexGrow={1} flexShrink={1}>
            {title === '' ? undefined : <Text>{title}</Text>}
            <Paint tone={tone === 'good' ? 'quiet' : tone}>{state}</Paint>
          </Box>
        </Box>
      ))}
    </Box>
  );
}
