import type { ProblemView } from '../captions/view.ts'

/** What the listener can do about a problem, in the popup. */
export type NextStep = 'take_over' | 'buy' | 'agree' | 'allow' | 'retry' | undefined

const steps: Readonly<Record<string, NextStep>> = {
  captions_elsewhere: 'take_over',
  live_already_open: 'take_over',
  insufficient_credits: 'buy',
  account_in_debt: 'buy',
  consent_needed: 'agree',
  permission_needed: 'allow',
  page_refused: undefined,
  signed_out: undefined,
  unauthenticated: undefined,
}

/** The next step after a problem; where nothing better is known, to try again. */
export const nextStep = ({ code }: Pick<ProblemView, 'code'>): NextStep =>
  code in steps ? steps[code] : 'retry'
