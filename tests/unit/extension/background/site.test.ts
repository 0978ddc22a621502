import { describe, expect, it } from 'vitest'
import { siteOf } from '../../../../extension/background/site.ts'

describe('the site of a page', () => {
  it.each([
    [
      'its origin',
      { origin: 'https://www.twitch.tv', url: 'https://www.twitch.tv/speaks' },
      'https://www.twitch.tv',
    ],
    ['its origin with the port', { url: 'http://127.0.0.1:3000/listen' }, 'http://127.0.0.1:3000'],
    ['the same for all files', { origin: 'null', url: 'file:///home/listener/talk.html' }, 'file://'],
    [
      'the same for all without an origin',
      { origin: 'null', url: 'https://example.com/sandboxed' },
      'opaque',
    ],
    ['the same for those of which nothing is known', {}, 'opaque'],
  ])('is %s', (_, sender, site) => {
    expect(siteOf(sender)).toBe(site)
  })
})
