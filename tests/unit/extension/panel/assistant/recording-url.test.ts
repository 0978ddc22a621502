import { expect, it } from 'vitest'
import { recordingUrl } from '../../../../../extension/panel/assistant/recording-url.ts'

it('leads to the second of the recording, and nowhere but to Twitch', () => {
  expect(recordingUrl('2300000000', 2_240_900)).toBe('https://www.twitch.tv/videos/2300000000?t=2240s')
  expect(new URL(recordingUrl('../../evil?x=', 0)).pathname).toBe('/videos/..%2F..%2Fevil%3Fx%3D')
})
