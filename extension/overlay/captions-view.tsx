import { useLayoutEffect, useRef } from 'preact/hooks'
import type { OverlayStyle } from '../settings/model.ts'
import { lineHeight, paddingBlock } from './caption-size.ts'

/** What is said in one go: it begins on a line of its own. */
export interface CaptionParagraph {
  readonly id: number
  readonly text: string
}

/**
 * Captions as they look on a page: the last lines of the paragraphs, the newest at the bottom. It needs `captions.css`
 * and takes the width that it is given.
 */
export function CaptionsView(props: {
  readonly style: OverlayStyle
  readonly paragraphs: readonly CaptionParagraph[]
}) {
  const { style, paragraphs } = props
  const newest = useRef<HTMLParagraphElement>(null)
  useSteadyHeight(newest, paragraphs.at(-1), style.fontSizePx)
  if (paragraphs.length === 0) return null
  return (
    <div class="captions" style={captionProperties(style)}>
      <div class="captions-window">
        {paragraphs.map(({ id, text }, index) => (
          <p
            key={id}
            ref={index === paragraphs.length - 1 ? newest : null}
            dir="auto"
            // The language of what is said, which need not be the page's.
            lang=""
          >
            {text}
          </p>
        ))}
      </div>
    </div>
  )
}

const captionProperties = (style: OverlayStyle) => ({
  '--captions-size': `${style.fontSizePx}px`,
  '--captions-lines': String(style.lines),
  '--captions-line-height': String(lineHeight),
  '--captions-padding-block': `${paddingBlock}em`,
  '--captions-text': style.textColour,
  '--captions-outline': style.backgroundColour,
  '--captions-background': `color-mix(in srgb, ${style.backgroundColour} ${style.backgroundOpacityPercent}%, transparent)`,
})

/** Keeps the newest paragraph from shrinking when words are taken back: what stands above it would jump. */
function useSteadyHeight(
  newest: { readonly current: HTMLParagraphElement | null },
  paragraph: CaptionParagraph | undefined,
  fontSizePx: number,
): void {
  const held = useRef({ element: newest.current, widthPx: 0, fontSizePx: 0 })
  useLayoutEffect(() => {
    const element = newest.current
    const before = held.current
    const widthPx = element?.clientWidth ?? 0
    if (before.element !== element) before.element?.style.removeProperty('min-height')
    if (before.widthPx !== widthPx || before.fontSizePx !== fontSizePx)
      element?.style.removeProperty('min-height')
    if (element) element.style.minHeight = `${element.offsetHeight}px`
    held.current = { element, widthPx, fontSizePx }
  }, [paragraph?.id, paragraph?.text, fontSizePx])
}
