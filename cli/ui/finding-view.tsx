import { Box, Text } from 'ink';
import type { ReactElement } from 'react';
import { Mark, Paint } from './paint.js';
import type { FindingLine, Tone } from './screen.js';

const TONES: Record<FindingLine['state'], Tone> = { ok: 'good', warning: 'warning', failed: 'bad', skipped: 'quiet' };
const TITLE_WIDTH = 19;

/** One finding of the doctor, and below it what mends it. */
export function FindingView({ line }: { readonly line: FindingLine }): ReactElement {
  const tone = TONES[line.state];
  return (
    <Box>
      <Mark tone={tone} />
      <Box width={TITLE_WIDTH} flexShrink={0}>
        <Text bold>{line.title}</Text>
      </Box>
      <Box flexDirection="column" flexGrow={1} flexShrink={1}>
        <Paint tone={tone === 'good' ? undefined : tone}>{line.detail}</Paint>
        {line.advice === undefined ? undefined : <Text>{line.advice}</Text>}
      </Box>
    </Box>
  );
}
