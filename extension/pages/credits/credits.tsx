import { useMemo } from 'preact/hooks'
import type { BalanceResponse } from '../../../src/contracts/credits.ts'
import { storedAccount, storedBalance } from '../../account/stored.ts'
import { pageApi } from '../../api/page-api.ts'
import { send } from '../../messages/send.ts'
import { apiUrlOf, readSettings, watchSettings } from '../../settings/store.ts'
import { LoadProblem } from '../../ui/load-problem.tsx'
import { text } from '../../ui/text.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useStored } from '../../ui/use-stored.ts'
import { useWatched } from '../../ui/use-watched.ts'
import { Balance } from './balance.tsx'
import { Buying } from './buying.tsx'
import { Movements } from './movements.tsx'
import { Usage } from './usage.tsx'

/** The page of credits: what there is, what can be bought, what was used and what came in. */
export function Credits() {
  const settings = useWatched(readSettings, watchSettings)
  const apiUrl = settings && apiUrlOf(settings)
  const api = useMemo(() => (apiUrl === undefined ? undefined : pageApi(apiUrl)), [apiUrl])
  const prices = useLoaded(() => send('account/prices', {}), [apiUrl])
  const email = useEmail(apiUrl)
  const balance = useBalance(email)
  return (
    <main class="page stack wide">
      <h1>{text('credits_title')}</h1>
      {email === null ? <p class="card">{text('credits_signed_out')}</p> : null}
      {email ? <Balance {...balance} rates={prices.value?.rates} /> : null}
      <Buying api={api} email={email ?? undefined} prices={prices} balance={balance.value} />
      {email && api ? (
        <>
          <Usage key={`usage of ${email}`} api={api} used={balance.value?.total_usage} />
          <Movements
            key={`movements of ${email}`}
            api={api}
            packages={prices.value?.packages ?? []}
            moved={movedBy(balance.value)}
          />
        </>
      ) : null}
    </main>
  )
}

/** Who is signed in; null for nobody, undefined while that is asked. */
function useEmail(apiUrl: string | undefined): string | null | undefined {
  const stored = useStored(storedAccount)
  const account = useLoaded(() => send('account/read', {}), [apiUrl, stored?.email])
  return account.value && (account.value.user?.email ?? null)
}

/** The balance as last seen by any part of the extension, and what keeps it from being asked for anew. */
function useBalance(email: string | null | undefined) {
  const stored = useStored(storedBalance)
  const asked = useLoaded(
    async () => (email ? send('account/balance', { refresh: true }) : undefined),
    [email],
  )
  return { value: stored?.value, problem: <LoadProblem of={asked} /> }
}

/** Changes whenever something came in or lapsed. */
const movedBy = (balance: BalanceResponse | undefined): string =>
  JSON.stringify([
    balance?.total_credits_purchased,
    balance?.grants.length,
    (balance?.credits_balance ?? 0) < 0,
  ])
