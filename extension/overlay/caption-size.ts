import type { OverlayStyle } from '../settings/model.ts'

/** The height of a line, as a multiple of the font's size. */
export const lineHeight = 1.35
/** Above the first line and below the last, as a multiple of the font's size. */
export const paddingBlock = 0.35
const borderPx = 1

/** @returns pixels */
export const lineHeightPx = ({ fontSizePx }: Pick<OverlayStyle, 'fontSizePx'>): number =>
  fontSizePx * lineHeight

/** The height of a box that is full of captions. @returns pixels */
export const captionsHeightPx = ({ fontSizePx, lines }: Pick<OverlayStyle, 'fontSizePx' | 'lines'>): number =>
  lines * lineHeightPx({ fontSizePx }) + 2 * paddingBlock * fontSizePx + 2 * borderPx
