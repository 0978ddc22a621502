/** How a part is, at one moment. */
export interface PartState {
  state: 'up' | 'down'
  /** A few words: what it says of itself, or what is wrong. */
  detail: string
}

/** Something that `npm start` runs, or a vendor that it uses for real. */
export interface Part {
  /** Unique, for the page's own use. */
  id: string
  name: string
  /** One sentence: what it is. */
  description: string
  links: { label: string; href: string }[]
  /** Looks at it now; never rejects, and answers within seconds. */
  check(): Promise<PartState>
}

const checkTimeoutMs = 5_000

/** A check that asks an address and takes every answer that `isFine` takes for a good one. */
export function httpCheck(
  url: string,
  isFine: (status: number) => boolean = status => status === 200,
): () => Promise<PartState> {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(checkTimeoutMs) })
      await response.arrayBuffer()
      return isFine(response.status)
        ? { state: 'up', detail: 'answers' }
        : { state: 'down', detail: `answers ${response.status}` }
    } catch {
      return { state: 'down', detail: 'does not answer' }
    }
  }
}
