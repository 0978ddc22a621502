import { describe, expect, it } from 'vitest'
import {
  pointerAt,
  pointerGone,
  pressed,
  type ToolbarState,
  toolbarAtRest,
  toolbarChangeAtMs,
  toolbarLook,
  touched,
} from '../../../../extension/overlay/toolbar-visibility.ts'

const over = (atMs: number, from = toolbarAtRest): ToolbarState => pointerAt(from, 'captions', atMs)

describe('the controls', () => {
  it('are not seen until the pointer stays over the captions', () => {
    const state = over(1_000)
    expect(toolbarLook(state, 1_000)).toBe('hidden')
    const atMs = toolbarChangeAtMs(state, 1_000) ?? Number.NaN
    expect(atMs).toBeGreaterThan(1_000)
    expect(toolbarLook(state, atMs)).toBe('shown')
  })

  it('are not brought up by a pointer that passes', () => {
    const state = pointerAt(over(1_000), 'elsewhere', 1_050)
    expect(toolbarChangeAtMs(state, 1_050)).toBeUndefined()
    expect(toolbarLook(state, 2_000)).toBe('hidden')
  })

  it('go when the pointer rests, and are back at once when it moves', () => {
    const state = over(1_500, over(1_000))
    expect(toolbarLook(state, 3_900)).toBe('shown')
    expect(toolbarLook(state, 4_000)).toBe('hidden')
    expect(toolbarLook(over(9_000, state), 9_000)).toBe('shown')
  })

  it('wait a little for a pointer that has left, and not longer the longer it moves elsewhere', () => {
    const left = pointerAt(over(1_500, over(1_000)), 'elsewhere', 2_000)
    const gone = pointerAt(left, 'elsewhere', 2_700)
    expect(toolbarLook(gone, 2_799)).toBe('shown')
    expect(toolbarLook(gone, 2_800)).toBe('hidden')
    const passing = pointerAt(pointerAt(gone, 'elsewhere', 2_900), 'captions', 3_000)
    expect(toolbarLook(passing, 3_000)).toBe('hidden')
  })

  it('stay while the pointer is on them, they have the focus, or are dragged', () => {
    const onControls = pointerAt(over(1_000), 'controls', 1_500)
    expect(toolbarLook(onControls, 60_000)).toBe('shown')
    expect(toolbarLook(pointerGone(onControls, false, 60_000), 60_000)).toBe('hidden')
    expect(toolbarLook({ ...toolbarAtRest, hasFocus: true }, 60_000)).toBe('shown')
    expect(toolbarLook({ ...toolbarAtRest, isDragging: true }, 60_000)).toBe('shown')
  })

  it('leave a handle to a finger, which brings up the others for a while', () => {
    const state = touched(toolbarAtRest)
    expect(toolbarLook(state, 1_000)).toBe('handle')
    const tapped = pressed(state, 1_000)
    expect(toolbarLook(tapped, 5_999)).toBe('shown')
    expect(toolbarLook(tapped, 6_000)).toBe('handle')
  })

  it('leave a handle while the pointer is in a frame under the captions', () => {
    const inFrame = pointerGone(toolbarAtRest, true, 1_000)
    expect(toolbarLook(inFrame, 60_000)).toBe('handle')
    expect(toolbarLook(pointerAt(inFrame, 'elsewhere', 61_000), 61_000)).toBe('hidden')
  })

  it('are not drawn anew for what changes nothing', () => {
    expect(pointerAt(toolbarAtRest, 'elsewhere', 1_000)).toBe(toolbarAtRest)
    const state = touched(toolbarAtRest)
    expect(touched(state)).toBe(state)
  })
})
