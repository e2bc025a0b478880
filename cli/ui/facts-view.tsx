import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { Mark, Paint } from './paint.js';
import type { Fact } from './screen.js';

/** Facts below each other, their labels in one column. */
export function FactsView({ facts }: { readonly facts: readonly Fact[] }): ReactElement {
  const width = Math.max(...facts.map(({ label }) => label.length)) + 2;
  return (
    <Box flexDirection="column">
      {facts.map(({ label, text, tone }) => (
        <Box key={`${label} ${text}`}>
          <Box width={width} flexShrink={0}>
            <Text bold>{label}</Text>
          </Box>
          {tone === undefined ? undefined : <Mark tone={tone} />}
          <Box flexGrow={1} flexShrink={1}>
            <Paint tone={tone}>{text}</Paint>
          </Box>
        </Box>
      ))}
    </Box>
  );
}
