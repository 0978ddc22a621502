/** Where a list is scrolled to, in CSS pixels. */
export interface ScrollPlace {
  readonly topPx: number
  readonly viewPx: number
  readonly contentPx: number
}

/** Whether a list keeps to its end as it grows. */
export interface Follow {
  readonly following: boolean
  readonly topPx: number
}

/** As near to the end as this counts as being there: about two lines. */
const nearPx = 48

export const atStart: Follow = { following: true, topPx: 0 }

const isAtEnd = ({ topPx, viewPx, contentPx }: ScrollPlace): boolean => contentPx - topPx - viewPx <= nearPx

/**
 * After the list has moved. It is followed from when its end is in sight until the listener scrolls up: only that moves
 * it up and away from its end, for what grows or is laid out anew leaves it where it is or nearer to the end.
 */
export function afterScroll(before: Follow, place: ScrollPlace): Follow {
  const { topPx } = place
  if (isAtEnd(place)) return { following: true, topPx }
  return { following: before.following && topPx >= before.topPx, topPx }
}

/** After the listener was led to a place of the list. */
export const afterJump = (place: ScrollPlace): Follow => ({ following: isAtEnd(place), topPx: place.topPx })
