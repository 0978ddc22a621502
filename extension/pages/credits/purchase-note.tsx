import { plural, text } from '../../ui/text.ts'
import { showCheckout } from './checkout.ts'
import type { Purchase } from './purchase.ts'
import { storedPurchase } from './stored-purchase.ts'

/** How the purchase of a pack stands, and what can be done about it. */
export function PurchaseNote(props: {
  readonly purchase: Purchase
  readonly creditsAvailable: number | undefined
}) {
  const { purchase } = props
  const isOpen = purchase.checkout !== undefined && purchase.end === undefined
  return (
    <div class={`${noteClass(purchase)} stack`}>
      <p>{words(purchase, props.creditsAvailable)}</p>
      <div class="row">
        {isOpen ? (
          <button type="button" onClick={() => void showCheckout(purchase)}>
            {text(
              purchase.checkout?.tabId === undefined
                ? 'credits_purchase_open_again'
                : 'credits_purchase_show',
            )}
          </button>
        ) : null}
        <button type="button" onClick={() => void storedPurchase.clear()}>
          {text(isOpen ? 'credits_purchase_give_up' : 'credits_purchase_close')}
        </button>
      </div>
    </div>
  )
}

const noteClass = ({ end }: Purchase): string => {
  if (end === 'paid') return 'done'
  return end === undefined || end === 'in_review' ? 'card' : 'problem'
}

function words({ packageName, credits, checkout, end }: Purchase, available: number | undefined): string {
  switch (end) {
    case 'paid':
      return text(
        'credits_purchase_paid',
        plural('credits', credits),
        plural('credits', available ?? credits),
      )
    case 'failed':
      return text('credits_purchase_failed', packageName)
    case 'expired':
      return text('credits_purchase_expired', packageName)
    case 'in_review':
      return text('credits_purchase_in_review', packageName)
    default:
      if (!checkout) return text('credits_purchase_unanswered', packageName)
      return checkout.tabId === undefined
        ? text('credits_purchase_closed', packageName)
        : text('credits_purchase_waiting', packageName)
  }
}
