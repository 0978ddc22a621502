import { pageApi } from '../../api/page-api.ts'
import { systemClock } from '../../captions/clock.ts'
import { Engine } from '../../captions/engine.ts'
import { feedPortName } from '../../captions/feed.ts'
import { LatestNews } from '../../captions/latest-news.ts'
import { RefundCount } from '../../captions/refund-count.ts'
import { openWebSocket } from '../../captions/socket.ts'
import type { SessionView } from '../../captions/view.ts'
import { openTabAudio } from '../../capture/tab-audio.ts'
import { answerMessages, isOwnPage } from '../../messages/answer.ts'
import { send } from '../../messages/send.ts'
import { openTranscriptStore } from '../../transcript/indexed-db.ts'

const reachableWithinMs = 4_000

/** Whether anything answers there: what it says does not matter. */
const isReachable = (apiUrl: string): Promise<boolean> =>
  fetch(`${apiUrl}/health`, {
    mode: 'no-cors',
    cache: 'no-store',
    signal: AbortSignal.timeout(reachableWithinMs),
  }).then(
    () => true,
    () => false,
  )

const changes = new LatestNews(systemClock, (sessions: readonly SessionView[]) =>
  send('captions/changed', { sessions: [...sessions] }),
)
const balance = new LatestNews(systemClock, () => send('account/balance-moved', {}))

/** The document is made for captions that begin at once, so messages are answered before the store is open. */
const engine = openTranscriptStore().then(
  store =>
    new Engine({
      store,
      clock: systemClock,
      random: Math.random,
      refunds: new RefundCount(),
      openSocket: openWebSocket,
      openSound: openTabAudio,
      backend: (apiUrl, account) => ({
        api: pageApi(apiUrl, account),
        network: { isOnline: () => navigator.onLine, isReachable: () => isReachable(apiUrl) },
      }),
      secondsPerCredit: async () => {
        const { rates } = await send('account/prices', {})
        return rates.live_transcription.per_seconds_begun / rates.live_transcription.credits
      },
      creditsAvailable: async () => (await send('account/balance', { refresh: true })).credits_available,
      onBalanceMoved: () => balance.tell(undefined),
      onNews: views => changes.tell(views),
    }),
)

answerMessages('offscreen', {
  'engine/begin': async ({ page: { channel, ...page }, ...request }) => {
    await (await engine).begin({
      ...request,
      page: { ...page, ...(channel === undefined ? {} : { channel }) },
    })
    return {}
  },
  'engine/end': async ({ tabId, reason }) => {
    await (await engine).end(tabId, reason)
    return {}
  },
  'engine/configure': async ({ silence }) => {
    const running = await engine
    running.configure(silence)
    return {}
  },
  'engine/sessions': async () => ({ sessions: [...(await engine).views] }),
})

chrome.runtime.onConnect.addListener(port => {
  const { sender } = port
  if (port.name !== feedPortName || sender?.id !== chrome.runtime.id) return
  const tabId = sender.tab?.id
  if (!isOwnPage(sender) && tabId === undefined) {
    port.disconnect()
    return
  }
  void feed(port, isOwnPage(sender) ? undefined : tabId)
})

/** @param tabId whose captions it may see; all where it is undefined */
async function feed(port: chrome.runtime.Port, tabId: number | undefined): Promise<void> {
  const { feed: hub } = await engine
  const leave = hub.add({
    ...(tabId === undefined ? {} : { tabId }),
    post: message => port.postMessage(message),
  })
  port.onDisconnect.addListener(leave)
}
