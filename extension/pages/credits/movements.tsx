import { useEffect, useState } from 'preact/hooks'
import type { PriceList, TransactionResponse } from '../../../src/contracts/credits.ts'
import type { Api } from '../../api/client.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { moment, number, price } from '../../ui/format.ts'
import { LoadProblem } from '../../ui/load-problem.tsx'
import { Loading } from '../../ui/loading.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useLoaded } from '../../ui/use-loaded.ts'
import { useTask } from '../../ui/use-task.ts'

const pageSize = 20

type Packages = PriceList['packages']

/** Purchases and all else that brought credits or took them, newest first. @param moved changes when there is more */
export function Movements(props: { readonly api: Api; readonly packages: Packages; readonly moved: string }) {
  const { api, moved } = props
  const newest = useLoaded(() => api.transactions({ limit: pageSize }), [api, moved])
  const [older, setOlder] = useState<TransactionResponse[]>([])
  const [cursor, setCursor] = useState<string>()
  useEffect(() => {
    setOlder([])
    setCursor(newest.value?.next_cursor)
  }, [newest.value])
  const more = useTask(async () => {
    if (cursor === undefined) return
    const page = await api.transactions({ limit: pageSize, cursor })
    setOlder([...older, ...page.transactions])
    setCursor(page.next_cursor)
  })
  const shown = newest.value && [...newest.value.transactions, ...older]
  return (
    <section class="stack" aria-labelledby="movements" aria-busy={newest.busy}>
      <h2 id="movements">{text('credits_movements_heading')}</h2>
      <LoadProblem of={newest} />
      {shown ? null : <Loading busy={newest.busy} />}
      {shown?.length === 0 ? <p class="quiet">{text('credits_movements_none')}</p> : null}
      {shown && shown.length > 0 ? <Table movements={shown} packages={props.packages} /> : null}
      <ProblemNote problem={more.problem} />
      {cursor === undefined ? null : (
        <div>
          <BusyButton busy={more.busy} onClick={() => void more.run()}>
            {text('credits_more')}
          </BusyButton>
        </div>
      )}
    </section>
  )
}

const Table = (props: {
  readonly movements: readonly TransactionResponse[]
  readonly packages: Packages
}) => (
  <div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">{text('credits_usage_when')}</th>
          <th scope="col">{text('credits_usage_what')}</th>
          <th scope="col" class="number">
            {text('credits_usage_used')}
          </th>
          <th scope="col" class="number">
            {text('credits_movements_price')}
          </th>
        </tr>
      </thead>
      <tbody>
        {props.movements.map(movement => (
          <tr key={movement.transaction_id}>
            <td>{moment(Date.parse(movement.completed_at ?? movement.created_at))}</td>
            <td>
              {nameOf(movement, props.packages)} <Status status={movement.status} />
            </td>
            <td class="number">{number(movement.credits)}</td>
            <td class="number">{priceOf(movement)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </div>
)

const nameOf = ({ type, package_id }: TransactionResponse, packages: Packages): string => {
  if (type !== 'purchase') return text(`credits_movement_${type}`)
  const pack = packages.find(candidate => candidate.package_id === package_id)
  return text('credits_movement_purchase', pack?.name ?? package_id ?? '')
}

const priceOf = ({ amount_cents, currency }: TransactionResponse): string =>
  amount_cents === undefined || currency === undefined ? '' : price(amount_cents, currency)

const tones = { pending: '', failed: 'bad', expired: '', needs_review: 'warn' }

/** Nothing where it went as it should. */
const Status = ({ status }: Pick<TransactionResponse, 'status'>) =>
  status === 'completed' ? null : (
    <span class={`badge ${tones[status]}`}>{text(`credits_movement_${status}`)}</span>
  )
