import type { CatchupResponse } from '../../../src/contracts/transcription.ts'

/** The steps of a catch-up from a channel, in their order. */
export const channelStages = ['finding', 'fetching', 'transcribing', 'summarising'] as const
export type ChannelStage = (typeof channelStages)[number]

/** How far a catch-up from a channel is. */
export interface ChannelProgress {
  readonly stage: ChannelStage
  /** From 1. */
  readonly step: number
  readonly minutes?: { readonly done: number; readonly total: number }
  /** From 0 to 1, by how long the steps take as a rule. */
  readonly fraction: number
}

/** Where each step begins and ends on the bar. */
const spans: Readonly<Record<ChannelStage, readonly [from: number, to: number]>> = {
  finding: [0.02, 0.1],
  fetching: [0.1, 0.6],
  transcribing: [0.6, 0.85],
  summarising: [0.85, 1],
}

/** @param answer what the backend says; undefined before it has said anything */
export function channelProgress(
  answer: Pick<CatchupResponse, 'stage' | 'progress'> | undefined,
): ChannelProgress {
  const stage = channelStages.find(name => name === answer?.stage) ?? 'finding'
  const step = channelStages.indexOf(stage) + 1
  const [from, to] = spans[stage]
  const { minutes_done: done = 0, minutes_total: total = 0 } = answer?.progress ?? {}
  if (stage !== 'fetching' || total === 0) return { stage, step, fraction: from }
  return {
    stage,
    step,
    minutes: { done: Math.min(done, total), total },
    fraction: from + (to - from) * Math.min(1, done / total),
  }
}
