import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { overlaySettings, saveOverlay } from '../../../../extension/background/overlay-messages.ts'
import { changeSettings } from '../../../../extension/settings/store.ts'
import { useStorage } from '../settings/memory-storage.ts'

beforeEach(() => useStorage())
afterEach(() => vi.unstubAllGlobals())

const site = 'https://www.twitch.tv'
const usual = {
  fontSizePx: 22,
  textColour: '#ffffff',
  backgroundColour: '#101014',
  backgroundOpacityPercent: 85,
  lines: 3,
}

describe('captions on a page', () => {
  it('look as they come where nothing was set', async () => {
    expect(await overlaySettings(site)).toEqual({
      style: usual,
      placement: { centreX: 0.5, bottomY: 0.92, width: 0.6 },
      hidden: false,
      announceCaptions: false,
    })
  })

  it('look as on every site but for what their site has of its own', async () => {
    await changeSettings({ overlay: { ...usual, lines: 5 }, announceCaptions: true })
    await saveOverlay(site, { style: { fontSizePx: 30 } })
    expect(await overlaySettings(site)).toMatchObject({
      style: { ...usual, lines: 5, fontSizePx: 30 },
      announceCaptions: true,
    })
  })

  it('are where they were left on that site, and not on others', async () => {
    const placement = { centreX: 0.2, bottomY: 0.5, width: 0.4 }
    await saveOverlay(site, { placement, hidden: true })
    expect(await overlaySettings(site)).toMatchObject({ placement, hidden: true })
    expect(await overlaySettings('https://example.com')).toMatchObject({ hidden: false })
  })

  it('keep all that is changed at the same time', async () => {
    await Promise.all([
      saveOverlay(site, { style: { fontSizePx: 30 } }),
      saveOverlay(site, { style: { lines: 2 } }),
      saveOverlay(site, { hidden: true }),
    ])
    expect(await overlaySettings(site)).toMatchObject({
      style: { ...usual, fontSizePx: 30, lines: 2 },
      hidden: true,
    })
  })
})
