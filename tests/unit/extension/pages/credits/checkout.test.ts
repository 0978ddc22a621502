import { beforeEach, describe, expect, test } from 'vitest'
import type { Api } from '../../../../../extension/api/client.ts'
import { Problem } from '../../../../../extension/messages/problem.ts'
import {
  buyPack,
  lookAtPurchase,
  noteClosedTab,
  showCheckout,
} from '../../../../../extension/pages/credits/checkout.ts'
import type { Choice, Purchase } from '../../../../../extension/pages/credits/purchase.ts'
import { storedPurchase } from '../../../../../extension/pages/credits/stored-purchase.ts'
import { useStorage } from '../../settings/memory-storage.ts'

const starter: Choice = { email: 'a@example.com', packageId: 'starter', packageName: 'Starter', credits: 500 }

let tabs: { id: number; url: string; front: boolean }[]
let sent: string[]
let keys: string[]
let answer: () => Promise<void>
let status: 'pending' | 'completed'

const api = {
  purchase: async (key: string) => {
    keys.push(key)
    await answer()
    return { transaction_id: key, session_id: 'cs', checkout_url: `https://pay.example/${key}` }
  },
  transactions: () =>
    Promise.resolve({
      transactions: keys.map(key => ({
        transaction_id: key,
        type: 'purchase' as const,
        credits: 500,
        status,
        created_at: '2026-11-22T00:00:00Z',
      })),
    }),
} as unknown as Api

beforeEach(() => {
  tabs = []
  sent = []
  keys = []
  answer = () => Promise.resolve()
  status = 'pending'
  useStorage({
    tabs: {
      create: ({ url }: { url: string }) => {
        const tab = { id: 10 + tabs.length, url, front: false }
        tabs.push(tab)
        return Promise.resolve(tab)
      },
      update: (id: number) => {
        const tab = tabs.find(candidate => candidate.id === id)
        if (!tab) return Promise.reject(new Error('No tab.'))
        tab.front = true
        return Promise.resolve({ ...tab, windowId: 1 })
      },
    },
    windows: { update: () => Promise.resolve() },
    runtime: {
      sendMessage: ({ type }: { type: string }) => {
        sent.push(type)
        return Promise.resolve({ ok: true, value: {} })
      },
    },
  })
})

const close = (id: number): Promise<void> => {
  tabs = tabs.filter(tab => tab.id !== id)
  return noteClosedTab(id)
}

const refuse = (code: string) => () => Promise.reject(new Problem({ code, detail: '' }))

describe('buying', () => {
  test('opens Checkout in a tab, keeps it in mind and tells the service worker', async () => {
    await buyPack(api, starter)
    expect(tabs.map(({ url }) => url)).toEqual([`https://pay.example/${keys[0]}`])
    expect(await storedPurchase.read()).toMatchObject({ idempotencyKey: keys[0], checkout: { tabId: 10 } })
    expect(sent).toEqual(['checkout/opened'])
  })

  test('keeps the key of a request whose answer was lost, and sends it again', async () => {
    answer = refuse('unreachable')
    await expect(buyPack(api, starter)).rejects.toThrow(Problem)
    answer = () => Promise.resolve()
    await buyPack(api, starter)
    expect(keys).toHaveLength(2)
    expect(keys[1]).toBe(keys[0])
    expect(tabs).toHaveLength(1)
  })

  test('takes a new key after one that was refused for good', async () => {
    answer = refuse('validation_failed')
    await expect(buyPack(api, starter)).rejects.toThrow(Problem)
    answer = () => Promise.resolve()
    await buyPack(api, starter)
    expect(keys[1]).not.toBe(keys[0])
  })

  test('shows the Checkout that is open already instead of another', async () => {
    await buyPack(api, starter)
    await buyPack(api, starter)
    expect(keys).toHaveLength(1)
    expect(tabs).toMatchObject([{ front: true }])
  })

  test('begins anew where the last was paid meanwhile, though its tab is still open', async () => {
    await buyPack(api, starter)
    status = 'completed'
    await buyPack(api, starter)
    expect(new Set(keys).size).toBe(2)
    expect(tabs).toHaveLength(2)
  })
})

describe('the tab of Checkout', () => {
  test('is forgotten once it is closed, and opened again at the same address', async () => {
    await buyPack(api, starter)
    await close(10)
    const closed = await storedPurchase.read()
    expect(closed?.checkout?.tabId).toBeUndefined()
    await showCheckout(closed as Purchase)
    expect(tabs.map(({ url }) => url)).toEqual([`https://pay.example/${keys[0]}`])
  })

  test('is not taken for another tab that is closed', async () => {
    await buyPack(api, starter)
    await noteClosedTab(99)
    expect((await storedPurchase.read())?.checkout?.tabId).toBe(10)
  })
})

describe('a look at a purchase', () => {
  test('finds that it is paid, and has the balance asked for before that is told', async () => {
    await buyPack(api, starter)
    status = 'completed'
    await lookAtPurchase(api)
    expect(await storedPurchase.read()).toMatchObject({ end: 'paid' })
    expect(sent.at(-1)).toBe('account/balance-moved')
  })

  test('changes nothing where it is open, or the backend can’t be asked', async () => {
    await buyPack(api, starter)
    const before = await storedPurchase.read()
    await lookAtPurchase(api)
    await lookAtPurchase({ transactions: refuse('offline') })
    expect(await storedPurchase.read()).toEqual(before)
  })
})
