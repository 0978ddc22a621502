import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captionsHeightPx, lineHeightPx } from '../../../../extension/overlay/caption-size.ts'
import {
  defaultPlacement,
  defaultStyle,
  type Frame,
  fitLines,
  frameOf,
  hasRoomAbove,
  keyStep,
  moved,
  type OverlayLayout,
  overlaps,
  resized,
  type WindowSize,
  withFontStep,
} from '../../../../extension/overlay/placement.ts'
import { overlayPlacementSchema, overlayStyleSchema } from '../../../../extension/settings/model.ts'

const layout: OverlayLayout = { style: defaultStyle, placement: defaultPlacement }
const wide: WindowSize = { widthPx: 1_280, heightPx: 720 }

const windows = fc.record({
  widthPx: fc.integer({ min: 1, max: 4_000 }),
  heightPx: fc.integer({ min: 1, max: 3_000 }),
})
const layouts = fc.record({
  style: fc
    .record({ fontSizePx: fc.integer({ min: 12, max: 64 }), lines: fc.integer({ min: 1, max: 8 }) })
    .map(own => ({ ...defaultStyle, ...own })),
  placement: fc.record({
    centreX: fc.double({ min: 0, max: 1, noNaN: true }),
    bottomY: fc.double({ min: 0, max: 1, noNaN: true }),
    width: fc.double({ min: 0.15, max: 1, noNaN: true }),
  }),
})
const ways = fc.record({
  xPx: fc.integer({ min: -5_000, max: 5_000 }),
  yPx: fc.integer({ min: -5_000, max: 5_000 }),
})

const expectInWindow = (frame: Frame, window: WindowSize): void => {
  expect(frame.leftPx).toBeGreaterThanOrEqual(0)
  expect(frame.topPx).toBeGreaterThanOrEqual(0)
  expect(frame.leftPx + frame.widthPx).toBeLessThanOrEqual(window.widthPx + 1e-6)
  expect(frame.topPx + frame.heightPx).toBeLessThanOrEqual(window.heightPx + 1e-6)
}

const expectStorable = ({ style, placement }: OverlayLayout): void => {
  expect(overlayStyleSchema.parse(style)).toEqual(style)
  expect(overlayPlacementSchema.parse(placement)).toEqual(placement)
}

describe('captions', () => {
  it('are laid out as the schema has it where nothing is set', () => {
    expect(defaultPlacement).toEqual(overlayPlacementSchema.parse({}))
    expect(defaultStyle).toEqual(overlayStyleSchema.parse({}))
  })

  it('are in the window, whatever its size and whatever was remembered', () => {
    fc.assert(
      fc.property(layouts, windows, (anyLayout, window) => {
        expectInWindow(frameOf(anyLayout, window), window)
      }),
    )
  })

  it('have their lower edge and their middle where the fractions say', () => {
    const frame = frameOf(layout, wide)
    expect(frame.leftPx + frame.widthPx / 2).toBe(640)
    expect(frame.topPx + frame.heightPx).toBeCloseTo(662.4)
    expect(frame.widthPx).toBe(768)
  })

  it('give up lines in a low window', () => {
    expect(fitLines({ ...defaultStyle, lines: 8, fontSizePx: 40 }, wide).lines).toBe(7)
    expect(fitLines({ ...defaultStyle, lines: 8, fontSizePx: 40 }, { ...wide, heightPx: 50 }).lines).toBe(1)
    expect(fitLines(defaultStyle, wide)).toBe(defaultStyle)
  })

  it('have their controls above them, and below where there is no room', () => {
    const frame = frameOf(layout, wide)
    expect(hasRoomAbove(frame, wide)).toBe(true)
    expect(hasRoomAbove({ ...frame, topPx: 40 }, wide)).toBe(false)
    expect(hasRoomAbove({ ...frame, topPx: 40 }, { ...wide, heightPx: 60 + frame.heightPx })).toBe(true)
  })

  it('are overlapped by what touches them, a point included', () => {
    const frame = { leftPx: 100, topPx: 100, widthPx: 50, heightPx: 20 }
    expect(overlaps(frame, { left: 149, right: 149, top: 119, bottom: 119 })).toBe(true)
    expect(overlaps(frame, { left: 0, right: 1_000, top: 0, bottom: 1_000 })).toBe(true)
    expect(overlaps(frame, { left: 150, right: 150, top: 110, bottom: 110 })).toBe(false)
    expect(overlaps(frame, { left: 0, right: 1_000, top: 0, bottom: 99 })).toBe(false)
  })
})

describe('moving', () => {
  it('goes by as many pixels as the pointer, and changes nothing else', () => {
    const target = moved(layout, wide, { xPx: 100, yPx: -200 })
    const [from, to] = [frameOf(layout, wide), frameOf(target, wide)]
    expect(to.leftPx - from.leftPx).toBeCloseTo(100)
    expect(to.topPx - from.topPx).toBeCloseTo(-200)
    expect(target.placement.width).toBe(layout.placement.width)
    expect(target.style).toBe(layout.style)
  })

  it('ends at the edge of the window, and what is remembered can be stored', () => {
    fc.assert(
      fc.property(layouts, windows, ways, (anyLayout, window, by) => {
        const target = moved(anyLayout, window, by)
        expectInWindow(frameOf(target, window), window)
        expectStorable(target)
      }),
    )
  })

  it('by nothing leaves them where they are', () => {
    fc.assert(
      fc.property(layouts, windows, (anyLayout, window) => {
        const before = frameOf(anyLayout, window)
        const after = frameOf(moved(anyLayout, window, { xPx: 0, yPx: 0 }), window)
        expect(after.leftPx).toBeCloseTo(before.leftPx)
        expect(after.topPx).toBeCloseTo(before.topPx)
      }),
    )
  })
})

describe('resizing', () => {
  it('keeps the upper left corner and goes by whole lines', () => {
    const before = frameOf(layout, wide)
    const target = resized(layout, wide, { xPx: -100, yPx: 1.4 * lineHeightPx(defaultStyle) })
    const after = frameOf(target, wide)
    expect(target.style.lines).toBe(4)
    expect(after.leftPx).toBeCloseTo(before.leftPx)
    expect(after.topPx).toBeCloseTo(before.topPx)
    expect(after.widthPx).toBeCloseTo(before.widthPx - 100)
    expect(after.heightPx).toBe(captionsHeightPx({ ...defaultStyle, lines: 4 }))
  })

  it('stays in the window, and what is remembered can be stored', () => {
    fc.assert(
      fc.property(layouts, windows, ways, (anyLayout, window, by) => {
        const target = resized(anyLayout, window, by)
        expectInWindow(frameOf(target, window), window)
        expectStorable(target)
      }),
    )
  })

  it('to the side alone keeps the lines that a low window has no room for', () => {
    const low = { widthPx: 1_280, heightPx: 100 }
    expect(resized(layout, low, { xPx: 50, yPx: 0 }).style).toBe(layout.style)
  })
})

describe('the size of the letters', () => {
  it('goes by steps, within what can be stored', () => {
    expect(withFontStep(layout, 1).style.fontSizePx).toBe(24)
    let smallest: OverlayLayout = layout
    let largest: OverlayLayout = layout
    for (let step = 0; step < 40; step++) {
      smallest = withFontStep(smallest, -1)
      largest = withFontStep(largest, 1)
    }
    expect([smallest.style.fontSizePx, largest.style.fontSizePx]).toEqual([12, 64])
    expectStorable(smallest)
    expectStorable(largest)
  })
})

describe('an arrow key', () => {
  it('pushes its own way, further with Shift', () => {
    expect(keyStep('ArrowLeft', false)).toEqual({ xPx: -10, yPx: 0 })
    expect(keyStep('ArrowRight', true)).toEqual({ xPx: 60, yPx: 0 })
    expect(keyStep('ArrowUp', true)).toEqual({ xPx: 0, yPx: -60 })
    expect(keyStep('ArrowDown', false)).toEqual({ xPx: 0, yPx: 10 })
    expect(keyStep('Enter', false)).toBeUndefined()
  })
})
