import { ProblemNote } from '../../ui/problem-note.tsx'
import { plural, text } from '../../ui/text.ts'
import { BuyButton } from '../account/buy-button.tsx'
import type { Credits } from '../account/use-credits.ts'
import { type Cost, shortfall } from './cost.ts'

/** What something costs and what there is, before it is spent; and how to get more where that is not enough. */
export function CostNote({ cost, credits }: { readonly cost: Cost | undefined; readonly credits: Credits }) {
  if (credits.ratesProblem) {
    return (
      <ProblemNote problem={credits.ratesProblem}>
        <div>
          <button type="button" onClick={credits.readRatesAgain}>
            {text('common_try_again')}
          </button>
        </div>
      </ProblemNote>
    )
  }
  if (!cost) return null
  const short = shortfall(cost, credits.available)
  return (
    <div class="stack tight">
      <p class="quiet">
        {costText(cost)}{' '}
        {credits.available === undefined
          ? null
          : text('panel_you_have', plural('credits', Math.max(0, credits.available)))}
      </p>
      {short ? (
        <div class="warning stack tight">
          <p>
            {text(
              'panel_not_enough',
              plural('credits', short.requiredCredits),
              plural('credits', short.availableCredits),
            )}
          </p>
          <div>
            <BuyButton />
          </div>
        </div>
      ) : null}
    </div>
  )
}

const costText = ({ credits, atMost }: Cost): string =>
  text(atMost ? 'panel_costs_at_most' : 'panel_costs', plural('credits', credits))
