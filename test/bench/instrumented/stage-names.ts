/** Steps of a call, each on top of the ones before; after the last one there is only `outcome`, which is the product whole. */
export const STAGES = ['accept', 'receive', 'identify', 'decide', 'intent', 'credential', 'forward'] as const;

export type Stage = (typeof STAGES)[number];

export function isStage(text: string | undefined): text is Stage {
  return STAGES.some((stage) => stage === text);
}

/** Where the instrumented control plane answers with the steps up to this one. */
export function stagePath(stage: Stage, server: string): string {
  return `/stages/${stage}/${server}`;
}
