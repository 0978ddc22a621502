import type { SessionView } from '../captions/view.ts'
import type { TextKey } from '../ui/text.ts'
import type { CaptionedTab } from './stored.ts'

/** What the extension's icon shows in a tab. */
export interface Badge {
  /** Absent: no badge. */
  readonly sign?: TextKey
  readonly colour: string
  /** Sentences, one after the other; empty: the extension's name. */
  readonly title: readonly TextKey[]
}

const good = '#14683c'
const quiet = '#555b66'
const warn = '#7a4b00'
const bad = '#a3161f'

export const noBadge: Badge = { colour: quiet, title: [] }

/** What says that captions did not start. */
export const problemBadge: Badge = {
  sign: 'popup_badge_problem',
  colour: bad,
  title: ['popup_title_problem'],
}

/** What says that another click starts captions. */
export const readyBadge: Badge = {
  sign: 'popup_badge_ready',
  colour: good,
  title: ['popup_title_ready'],
}

/** What the icon shows in a captioned tab. */
export function badgeOf({ view, overlayRefused, endSeen }: CaptionedTab): Badge {
  const { state } = view
  switch (state.name) {
    case 'starting':
      return { sign: 'popup_badge_waiting', colour: quiet, title: ['popup_title_starting'] }
    case 'live':
      return running('popup_badge_live', good, 'popup_title_live', view, overlayRefused)
    case 'paused':
      return running('popup_badge_paused', quiet, 'popup_title_paused', view, overlayRefused)
    case 'reconnecting':
      return running('popup_badge_waiting', warn, 'popup_title_reconnecting', view, overlayRefused)
    case 'stopping':
      return { sign: 'popup_badge_waiting', colour: quiet, title: ['popup_title_stopping'] }
    case 'ended':
      return endSeen || endedAsWanted(view)
        ? noBadge
        : { ...problemBadge, title: [`popup_ended_${state.reason}`] }
  }
}

const running = (
  sign: TextKey,
  colour: string,
  title: TextKey,
  { warning }: SessionView,
  overlayRefused: boolean,
): Badge => ({
  sign,
  colour: warning === undefined ? colour : warn,
  title: [
    title,
    ...(warning === undefined ? [] : [`popup_warning_${warning}` as const]),
    ...(overlayRefused ? (['popup_title_overlay_refused'] as const) : []),
  ],
})

/** Whether the listener ended them, so that nothing needs to be said. */
const endedAsWanted = ({ state }: SessionView): boolean =>
  state.name === 'ended' &&
  state.problem === undefined &&
  (state.reason === 'stopped' || state.reason === 'tab_closed' || state.reason === 'signed_out')
