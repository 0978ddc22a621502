import type { ProblemView } from '../captions/view.ts'

/** What the popup offers after a problem, besides starting again. */
export type NextStep = 'take_over' | 'buy' | 'agree' | 'allow'

const steps: Readonly<Record<string, NextStep>> = {
  captions_elsewhere: 'take_over',
  live_already_open: 'take_over',
  insufficient_credits: 'buy',
  account_in_debt: 'buy',
  consent_needed: 'agree',
  permission_needed: 'allow',
}

/** The next step after a problem; where there is none of its own, the button that starts captions is enough. */
export const nextStep = ({ code }: Pick<ProblemView, 'code'>): NextStep | undefined =>
  Object.hasOwn(steps, code) ? steps[code] : undefined
