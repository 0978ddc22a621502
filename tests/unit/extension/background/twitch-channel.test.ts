import { describe, expect, it } from 'vitest'
import { twitchChannel } from '../../../../extension/background/twitch-channel.ts'

describe('the Twitch channel of an address', () => {
  it.each([
    ['https://www.twitch.tv/speaks', 'speaks'],
    ['https://twitch.tv/Speaks_2', 'speaks_2'],
    ['https://m.twitch.tv/speaks?desktop-redirect=true', 'speaks'],
    ['https://www.twitch.tv/speaks/', 'speaks'],
    ['https://www.twitch.tv/speaks/about', 'speaks'],
    ['https://www.twitch.tv/speaks/videos#all', 'speaks'],
  ])('%s is of %s', (address, channel) => {
    expect(twitchChannel(address)).toBe(channel)
  })

  it.each([
    'https://www.twitch.tv/',
    'https://www.twitch.tv/directory',
    'https://www.twitch.tv/directory/category/art',
    'https://www.twitch.tv/videos/1234567890',
    'https://www.twitch.tv/settings/profile',
    'https://www.twitch.tv/popout/speaks/chat',
    'https://www.twitch.tv/ab',
    'https://www.twitch.tv/not-a-login',
    'https://www.twitch.tv/aaaaaaaaaaaaaaaaaaaaaaaaaa',
    'https://clips.twitch.tv/speaks',
    'https://twitch.tv.example.com/speaks',
    'https://example.com/twitch.tv/speaks',
    'about:blank',
    '',
  ])('%s shows none', address => {
    expect(twitchChannel(address)).toBeUndefined()
  })
})
