import type { OverlayPlacement, OverlayStyle } from '../settings/model.ts'
import { captionsHeightPx, lineHeightPx } from './caption-size.ts'

/** How captions look on a site, and where: what an overlay is laid out by. */
export interface OverlayLayout {
  readonly style: OverlayStyle
  readonly placement: OverlayPlacement
}

export interface WindowSize {
  readonly widthPx: number
  readonly heightPx: number
}

/** Where captions are in a window; their box is as high as all of its lines. */
export interface Frame {
  readonly leftPx: number
  readonly topPx: number
  readonly widthPx: number
  readonly heightPx: number
}

/** As the schema has it, which is not bundled here. */
export const defaultPlacement: OverlayPlacement = { centreX: 0.5, bottomY: 0.92, width: 0.6 }
/** As the schema has it, which is not bundled here. */
export const defaultStyle: OverlayStyle = {
  fontSizePx: 22,
  textColour: '#ffffff',
  backgroundColour: '#101014',
  backgroundOpacityPercent: 85,
  lines: 3,
}

const fontSizesPx = { min: 12, max: 64, step: 2 }
const lineCounts = { min: 1, max: 8 }
/** The schema's. */
const minWidth = 0.15
/** The controls need as much, where the window has it. */
const minWidthPx = 304
/** Captions never take more of a window's height than this. */
const maxHeight = 0.6

const clamp = (value: number, min: number, max: number): number => Math.max(min, Math.min(max, value))

/** The style with as many lines as a low window has room for. */
export function fitLines(style: OverlayStyle, { heightPx }: WindowSize): OverlayStyle {
  const roomPx = heightPx * maxHeight - captionsHeightPx({ ...style, lines: 0 })
  const lines = clamp(Math.floor(roomPx / lineHeightPx(style)), lineCounts.min, style.lines)
  return lines === style.lines ? style : { ...style, lines }
}

/** Where captions are: always wholly in the window, if it has room for a line at all. */
export function frameOf({ style, placement }: OverlayLayout, window: WindowSize): Frame {
  const heightPx = Math.min(captionsHeightPx(fitLines(style, window)), window.heightPx)
  const widthPx = clampWidth(placement.width * window.widthPx, window)
  return inWindow(
    {
      leftPx: placement.centreX * window.widthPx - widthPx / 2,
      topPx: placement.bottomY * window.heightPx - heightPx,
      widthPx,
      heightPx,
    },
    window,
  )
}

/** The layout after a move by so many pixels. */
export function moved(
  layout: OverlayLayout,
  window: WindowSize,
  by: { readonly xPx: number; readonly yPx: number },
): OverlayLayout {
  const frame = frameOf(layout, window)
  const target = inWindow({ ...frame, leftPx: frame.leftPx + by.xPx, topPx: frame.topPx + by.yPx }, window)
  return { ...layout, placement: { ...placementOf(target, window), width: layout.placement.width } }
}

/** The layout after its lower right corner has moved: the other corner stays. Its height changes by whole lines. */
export function resized(
  layout: OverlayLayout,
  window: WindowSize,
  by: { readonly xPx: number; readonly yPx: number },
): OverlayLayout {
  const frame = frameOf(layout, window)
  const shown = fitLines(layout.style, window)
  const lines = clamp(shown.lines + Math.round(by.yPx / lineHeightPx(shown)), lineCounts.min, lineCounts.max)
  const style = lines === shown.lines ? layout.style : { ...layout.style, lines }
  const target = {
    ...frame,
    widthPx: Math.min(clampWidth(frame.widthPx + by.xPx, window), window.widthPx - frame.leftPx),
    heightPx: Math.min(captionsHeightPx(fitLines(style, window)), window.heightPx),
  }
  return { style, placement: placementOf(inWindow(target, window), window) }
}

/** The layout with letters one step larger or smaller; the lower edge stays. */
export function withFontStep(layout: OverlayLayout, direction: 1 | -1): OverlayLayout {
  const fontSizePx = clamp(
    layout.style.fontSizePx + direction * fontSizesPx.step,
    fontSizesPx.min,
    fontSizesPx.max,
  )
  return { ...layout, style: { ...layout.style, fontSizePx } }
}

/** How far an arrow key moves, with Shift further; nothing for any other key. */
export function keyStep(
  key: string,
  isLarge: boolean,
): { readonly xPx: number; readonly yPx: number } | undefined {
  const px = isLarge ? 60 : 10
  if (key === 'ArrowLeft') return { xPx: -px, yPx: 0 }
  if (key === 'ArrowRight') return { xPx: px, yPx: 0 }
  if (key === 'ArrowUp') return { xPx: 0, yPx: -px }
  if (key === 'ArrowDown') return { xPx: 0, yPx: px }
  return undefined
}

/** Whether the controls stand above the captions: below them only where there is no room above. */
export const hasRoomAbove = (frame: Frame, window: WindowSize): boolean => {
  const belowPx = window.heightPx - frame.topPx - frame.heightPx
  return frame.topPx >= 96 || frame.topPx >= belowPx
}

const clampWidth = (widthPx: number, window: WindowSize): number =>
  clamp(widthPx, Math.min(Math.max(minWidthPx, minWidth * window.widthPx), window.widthPx), window.widthPx)

const inWindow = (frame: Frame, window: WindowSize): Frame => ({
  ...frame,
  leftPx: clamp(frame.leftPx, 0, Math.max(0, window.widthPx - frame.widthPx)),
  topPx: clamp(frame.topPx, 0, Math.max(0, window.heightPx - frame.heightPx)),
})

const placementOf = (frame: Frame, window: WindowSize): OverlayPlacement => ({
  centreX: clamp((frame.leftPx + frame.widthPx / 2) / window.widthPx, 0, 1),
  bottomY: clamp((frame.topPx + frame.heightPx) / window.heightPx, 0, 1),
  width: clamp(frame.widthPx / window.widthPx, minWidth, 1),
})

/** Whether a box of the window's covers some of the captions. A point is a box without extent. */
export const overlaps = (
  frame: Frame,
  box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
): boolean =>
  box.left < frame.leftPx + frame.widthPx &&
  box.right >= frame.leftPx &&
  box.top < frame.topPx + frame.heightPx &&
  box.bottom >= frame.topPx
