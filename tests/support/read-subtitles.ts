import * as library from 'media-captions'

/** What a player shows, and when, in seconds. */
export interface SubtitleCue {
  readonly startTime: number
  readonly endTime: number
  /** As it stands in the file. */
  readonly text: string
}

type Node =
  | { readonly type: 'text'; readonly data: string }
  | { readonly type: 'b'; readonly children: readonly Node[] }

/** The library's types name their modules without endings, so TypeScript finds none of them. */
const { parseText, tokenizeVTTCue } = library as unknown as {
  parseText(
    contents: string,
    options: { type: 'srt' | 'vtt'; strict: boolean; errors: boolean },
  ): Promise<{ cues: SubtitleCue[]; errors: Error[] }>
  tokenizeVTTCue(cue: SubtitleCue): readonly Node[]
}

/** Reads subtitles by a library that has not made them. @throws {AggregateError} what is wrong in them */
export async function readSubtitles(contents: string, type: 'srt' | 'vtt'): Promise<SubtitleCue[]> {
  const { cues, errors } = await parseText(contents, { type, strict: type === 'vtt', errors: true })
  if (errors.length > 0) throw new AggregateError(errors, errors.map(error => error.message).join('\n'))
  return cues
}

/** A cue of WebVTT as it is shown: without tags, its entities replaced. */
export const shownText = (cue: SubtitleCue): string => textOf(tokenizeVTTCue(cue))

const textOf = (nodes: readonly Node[]): string =>
  nodes.map(node => (node.type === 'text' ? node.data : textOf(node.children))).join('')
