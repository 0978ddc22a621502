import { defineUnlistedScript } from 'wxt/utils/define-unlisted-script'
import { openOverlay, type RunningOverlay } from '../overlay/overlay.tsx'

/** The overlay that an earlier run of this script put on the page. The page itself does not see it. */
const world = globalThis as { liveTranscriptionOverlay?: RunningOverlay }

export default defineUnlistedScript(() => {
  if (world.liveTranscriptionOverlay) {
    world.liveTranscriptionOverlay.refresh()
    return
  }
  world.liveTranscriptionOverlay = openOverlay(() => {
    delete world.liveTranscriptionOverlay
  })
})
