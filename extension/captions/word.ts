/** A word as it was recognised. Times are session time. */
export interface SpokenWord {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
  readonly speaker?: string
}

export const middleMs = ({ startMs, endMs }: SpokenWord): number => (startMs + endMs) / 2

export const textOf = (words: readonly SpokenWord[]): string => words.map(word => word.text).join(' ')
