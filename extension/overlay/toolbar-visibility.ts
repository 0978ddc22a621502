/** A pointer that only passes over captions does not bring the controls up. */
const dwellMs = 120
/** A pointer that rests lets them go, as players do. */
const restMs = 2_500
/** A pointer that has left the captions can still reach them. */
const leaveMs = 800
/** After a tap they stay so long. */
const tapMs = 5_000

/** What decides whether the overlay's controls can be seen. Times are of the page's clock. */
export interface ToolbarState {
  /** The pointer is over the captions, or was just now. */
  readonly showAtMs: number | undefined
  readonly hideAtMs: number
  readonly isOverControls: boolean
  readonly hasFocus: boolean
  readonly isDragging: boolean
  /** The pointer can't be followed: it is a finger, or in a frame of another document. */
  readonly needsHandle: boolean
}

/** `handle`: only the one that the captions are moved by, faintly. */
export type ToolbarLook = 'hidden' | 'handle' | 'shown'

export const toolbarAtRest: ToolbarState = {
  showAtMs: undefined,
  hideAtMs: Number.NEGATIVE_INFINITY,
  isOverControls: false,
  hasFocus: false,
  isDragging: false,
  needsHandle: false,
}

/** The pointer moves. */
export function pointerAt(
  state: ToolbarState,
  where: 'controls' | 'captions' | 'elsewhere',
  nowMs: number,
): ToolbarState {
  const isOverControls = where === 'controls'
  const isKnown = state.isOverControls === isOverControls && !state.needsHandle
  const seen = isKnown ? state : { ...state, isOverControls, needsHandle: false }
  return where === 'elsewhere' ? away(seen, nowMs) : over(seen, nowMs)
}

/** The pointer can't be followed any more. @param isNear whether it is where captions may be */
export const pointerGone = (state: ToolbarState, isNear: boolean, nowMs: number): ToolbarState =>
  away({ ...state, isOverControls: false, needsHandle: isNear }, nowMs)

/** A finger touched the page. */
export const touched = (state: ToolbarState): ToolbarState =>
  state.needsHandle && !state.isOverControls ? state : { ...state, isOverControls: false, needsHandle: true }

/** A control was pressed. */
export const pressed = (state: ToolbarState, nowMs: number): ToolbarState => ({
  ...state,
  showAtMs: nowMs,
  hideAtMs: nowMs + tapMs,
})

/** How the controls look now. */
export function toolbarLook(state: ToolbarState, nowMs: number): ToolbarLook {
  if (state.isDragging || state.hasFocus || state.isOverControls) return 'shown'
  if (state.showAtMs !== undefined && state.showAtMs <= nowMs && nowMs < state.hideAtMs) return 'shown'
  return state.needsHandle ? 'handle' : 'hidden'
}

/** When that changes by itself; nothing if it doesn't. */
export function toolbarChangeAtMs(state: ToolbarState, nowMs: number): number | undefined {
  if (state.showAtMs === undefined) return undefined
  return [state.showAtMs, state.hideAtMs].find(atMs => atMs > nowMs)
}

const over = (state: ToolbarState, nowMs: number): ToolbarState => ({
  ...state,
  showAtMs: state.showAtMs ?? nowMs + dwellMs,
  hideAtMs: nowMs + restMs,
})

function away(state: ToolbarState, nowMs: number): ToolbarState {
  if (state.showAtMs === undefined) return state
  if (state.showAtMs > nowMs || nowMs >= state.hideAtMs) return { ...state, showAtMs: undefined }
  return state.hideAtMs <= nowMs + leaveMs ? state : { ...state, hideAtMs: nowMs + leaveMs }
}
