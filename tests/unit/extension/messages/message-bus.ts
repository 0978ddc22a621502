import { vi } from 'vitest'

type Sender = chrome.runtime.MessageSender
type Listener = (message: unknown, sender: Sender, respond: (answer: unknown) => void) => unknown

export const extensionId = 'abcdefghijklmnopabcdefghijklmnop'
export const extensionOrigin = `chrome-extension://${extensionId}`

export const popup: Sender = {
  id: extensionId,
  origin: extensionOrigin,
  url: `${extensionOrigin}/popup.html`,
}
export const contentScript: Sender = {
  id: extensionId,
  origin: 'https://example.com',
  url: 'https://example.com/talk',
  tab: { id: 7 } as chrome.tabs.Tab,
}

/** `chrome.runtime`'s messages: each goes to all that listen, as JSON, and the first answer counts. */
export function useMessages(): { as(sender: Sender): void } {
  const listeners = new Set<Listener>()
  let sender = popup
  const copy = (value: unknown): unknown =>
    value === undefined ? undefined : JSON.parse(JSON.stringify(value))
  vi.stubGlobal('chrome', {
    runtime: {
      id: extensionId,
      getURL: (path: string) => `${extensionOrigin}/${path}`,
      onMessage: { addListener: (listener: Listener) => listeners.add(listener) },
      sendMessage: (message: unknown) => {
        if (listeners.size === 0) return Promise.reject(new Error('Could not establish connection.'))
        return new Promise(resolve => {
          const waiting = [...listeners].map(listener =>
            listener(copy(message), sender, answer => resolve(copy(answer))),
          )
          if (!waiting.includes(true)) resolve(undefined)
        })
      },
    },
  })
  return {
    as: other => {
      sender = other
    },
  }
}
