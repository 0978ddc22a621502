import type { Answer, Request } from '../messages/contract.ts'
import { overlayPlacementSchema } from '../settings/model.ts'
import { changeSiteOverlay, readSettings, readSiteOverlay } from '../settings/store.ts'

/** How captions look on a site. */
export async function overlaySettings(site: string): Promise<Answer<'overlay/settings'>> {
  const [settings, own] = await Promise.all([readSettings(), readSiteOverlay(site)])
  return {
    style: { ...settings.overlay, ...own.style },
    placement: own.placement ?? overlayPlacementSchema.parse({}),
    hidden: own.hidden,
    announceCaptions: settings.announceCaptions,
  }
}

/** Remembers for a site what is given; changes that come at once are made one after the other. */
export async function saveOverlay(site: string, changes: Request<'overlay/save'>): Promise<void> {
  await navigator.locks.request('site-overlay', async () => {
    const own = await readSiteOverlay(site)
    await changeSiteOverlay(site, {
      ...(changes.style === undefined ? {} : { style: { ...own.style, ...changes.style } }),
      ...(changes.placement === undefined
        ? {}
        : { placement: overlayPlacementSchema.parse(changes.placement) }),
      ...(changes.hidden === undefined ? {} : { hidden: changes.hidden }),
    })
  })
}
