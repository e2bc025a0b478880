import { Box, Text } from 'ink';
import { useContext, type ReactElement } from 'react';
import { LookContext, Mark, Paint } from './paint.js';
import type { SignInTask } from './screen.js';
import { symbolsOf } from './symbols.js';

/** What to do, and the code large. The address follows it outside of this view: drawn, it would break when it is copied. */
export function SignInView({ task: { origin, code, opened } }: { readonly task: SignInTask }): ReactElement {
  const { border } = symbolsOf(useContext(LookContext));
  return (
    <Box flexDirection="column">
      <Text>
        Sign in at <Text bold>{origin}</Text>
      </Text>
      {code === undefined ? undefined : (
        <Box flexDirection="column" marginTop={1}>
          <Text>Type this code in a browser on any computer. It is good for ten minutes.</Text>
          <Box borderStyle={border} alignSelf="flex-start" paddingX={4} paddingY={1} marginY={1}>
            <Paint bold tone="good">
              {code}
            </Paint>
          </Box>
        </Box>
      )}
      <Text>{instruction(code, opened)}</Text>
    </Box>
  );
}

function instruction(code: string | undefined, opened: boolean): string {
  if (code !== undefined) return 'Open:';
  return opened ? 'A browser was opened. If you do not see it, open:' : 'Open in a browser on this computer:';
}

/** Who is signed in now. */
export function SignedInView(props: {
  readonly who: string;
  readonly origin: string;
  readonly note?: string | undefined;
}): ReactElement {
  return (
    <Box flexDirection="column">
      <Box>
        <Mark tone="good" />
        <Text>
          Signed in as <Text bold>{props.who}</Text> at {props.origin}
        </Text>
      </Box>
      {props.note === undefined ? undefined : (
        <Box>
          <Mark tone="warning" />
          <Text>{props.note}</Text>
        </Box>
      )}
    </Box>
  );
}
