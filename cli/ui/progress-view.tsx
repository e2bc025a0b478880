import { Box, render, Static, Text, useAnimation } from 'ink';
import { useContext, type ReactElement } from 'react';
import type { Look } from './look.js';
import { LookContext, Paint } from './paint.js';
import type { Progress } from './screen.js';
import { symbolsOf } from './symbols.js';

const FRAME_TIME = 80;

function ProgressLine({ label }: { readonly label: string }): ReactElement {
  const { spinner, ellipsis } = symbolsOf(useContext(LookContext));
  const { frame } = useAnimation({ interval: FRAME_TIME });
  return (
    <Text wrap="truncate">
      <Paint tone="good">{spinner[frame % spinner.length]}</Paint> {label} {ellipsis}
    </Text>
  );
}

interface RunningProps {
  readonly look: Look;
  readonly label: string | undefined;
  readonly printed: readonly string[];
}

/** What was printed stays in the terminal's own history; the line moves below it. */
function Running({ look, label, printed }: RunningProps): ReactElement {
  return (
    <LookContext.Provider value={look}>
      <Static items={[...printed]} style={{ width: '100%' }}>
        {(text, index) => <Text key={index}>{text}</Text>}
      </Static>
      <Box>{label === undefined ? undefined : <ProgressLine label={label} />}</Box>
    </LookContext.Provider>
  );
}

/** Draws on the process's own stdout. Ctrl-C stays a signal: stdin is not read. */
export function startProgress(look: Look, label: string): Progress {
  const printed: string[] = [];
  const view = (line: string | undefined): ReactElement => <Running look={look} label={line} printed={[...printed]} />;
  const instance = render(view(label), { exitOnCtrlC: false, patchConsole: false, interactive: true });
  return {
    print: (text) => {
      printed.push(text.replace(/\n$/, ''));
      instance.rerender(view(label));
    },
    stop: async () => {
      instance.clear();
      instance.rerender(view(undefined));
      instance.unmount();
      await instance.waitUntilExit();
    },
  };
}
