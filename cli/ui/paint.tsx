import { Box, Text, type TextProps } from 'ink';
import { createContext, useContext, type ReactElement } from 'react';
import type { Look } from './look.js';
import type { Tone } from './screen.js';
import { symbolsOf } from './symbols.js';

const PLAIN: Look = { columns: 80, color: false, unicode: false };
const COLORS: Record<Tone, string> = { good: 'green', warning: 'yellow', bad: 'red', quiet: 'gray' };

/** What every view below it is drawn for. */
export const LookContext = createContext<Look>(PLAIN);

type PaintProps = Omit<TextProps, 'color'> & { readonly tone?: Tone | undefined };

/** A text whose colour says how good its news is, where the terminal shows colours. */
export function Paint({ tone, ...props }: PaintProps): ReactElement {
  const { color } = useContext(LookContext);
  return <Text {...props} {...(color && tone ? { color: COLORS[tone] } : {})} />;
}

/** The mark before a line. */
export function Mark({ tone }: { readonly tone: Tone }): ReactElement {
  return (
    <Box width={2} flexShrink={0}>
      <Paint tone={tone}>{symbolsOf(useContext(LookContext)).marks[tone]}</Paint>
    </Box>
  );
}
