import { describe, expect, test, vi } from 'vitest'
import {
  findAudioRendition,
  lastSegments,
  longestPlaylistBytes,
} from '../../../../src/upstream/hls/playlist.ts'

const base = new URL('https://media.example/vod/v2/1.m3u8?nauth=secret')

const variant = (attributes: string, uri: string): string => `#EXT-X-STREAM-INF:${attributes}\n${uri}\n`
const group = (id: string, name = id): string =>
  `#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="${id}",NAME="${name}",AUTOSELECT=NO,DEFAULT=NO\n`

const source =
  group('chunked', '1080p60') +
  variant(
    'BANDWIDTH=8000000,CODECS="avc1.64002A,mp4a.40.2",RESOLUTION=1920x1080,VIDEO="chunked"',
    'https://a.example/chunked/index-dvr.m3u8',
  )
const smallest =
  group('160p30') +
  variant(
    'BANDWIDTH=230000,CODECS="avc1.4D000C,mp4a.40.2",RESOLUTION=284x160,VIDEO="160p30"',
    '160p30/index-dvr.m3u8',
  )
const sound =
  group('audio_only', 'Audio Only') +
  variant('BANDWIDTH=300000,CODECS="mp4a.40.2",VIDEO="audio_only"', 'audio_only/index-dvr.m3u8')

const master = (...renditions: string[]): string =>
  `#EXTM3U\n#EXT-X-TWITCH-INFO:ORIGIN="s3",B="false",REGION="EU",USER-IP="127.0.0.1"\n${renditions.join('')}`

const renditionOf = (text: string): [string, number] | undefined => {
  const found = findAudioRendition(text, base)
  return found && [found.url.href, found.bitsPerSecond]
}

describe('the rendition', () => {
  test('is the one of sound alone, though another needs less', () => {
    expect(renditionOf(master(source, smallest, sound))).toEqual([
      'https://media.example/vod/v2/audio_only/index-dvr.m3u8',
      300_000,
    ])
  })

  test('is told by its stable id too', () => {
    const named = variant('BANDWIDTH=900000,STABLE-VARIANT-ID="audio_only"', '/sound.m3u8')
    expect(renditionOf(master(source, smallest, named))).toEqual([
      'https://media.example/sound.m3u8',
      900_000,
    ])
  })

  test('is the one that needs least, where none is sound alone', () => {
    expect(renditionOf(master(source, smallest))).toEqual([
      'https://media.example/vod/v2/160p30/index-dvr.m3u8',
      230_000,
    ])
  })

  test("is never one of pictures alone: trick play's are left out, and a picture's sound is taken beside it", () => {
    const text = master(
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1000,URI="frames.m3u8"\n',
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac",NAME="English",DEFAULT=YES,URI="sound/index.m3u8"\n',
      variant('BANDWIDTH=230000,AVERAGE-BANDWIDTH=200000,AUDIO="aac"', 'pictures/index.m3u8'),
    )
    expect(renditionOf(text)).toEqual(['https://media.example/vod/v2/sound/index.m3u8', 200_000])
  })

  test.each([
    ['nothing', ''],
    ['no playlist', '<html>Sorry</html>'],
    ["usher's error", '[{"url":"","error":"Manifest is restricted","error_code":"vod_manifest_restricted"}]'],
    ['no rendition', '#EXTM3U\n#EXT-X-INDEPENDENT-SEGMENTS\n'],
    ['a media playlist', '#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.000,\n0.ts\n'],
    ['more lines than a master playlist has', master(source, '#\n'.repeat(300))],
    ['an address that is none', master(variant('BANDWIDTH=1000', 'https://'))],
  ])('there is none in %s', (_what, text) => {
    expect(findAudioRendition(text, base)).toBeUndefined()
  })
})

/** As Twitch writes them, tags of its own included. */
const media = (lines: readonly string[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    '#EXT-X-TARGETDURATION:10',
    '#ID3-EQUIV-TDTG:2026-11-21T03:00:00',
    '#EXT-X-PLAYLIST-TYPE:EVENT',
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-TWITCH-ELAPSED-SECS:0.000',
    '#EXT-X-TWITCH-TOTAL-SECS:25.500',
    ...lines,
    '',
  ].join('\n')

const segmentsOf = (lines: readonly string[], longestMs = 48 * 3_600_000) =>
  lastSegments(media(lines), base, longestMs)?.map(({ url, initUrl, fromMs, toMs }) => [
    url.pathname,
    initUrl?.pathname,
    fromMs,
    toMs,
  ])

describe('the segments', () => {
  test('stand one after the other', () => {
    expect(
      segmentsOf(['#EXTINF:10.000,', '0.ts', '#EXTINF:9.997,', '/1.ts', '#EXTINF:5.5,', '2.ts']),
    ).toEqual([
      ['/vod/v2/0.ts', undefined, 0, 10_000],
      ['/1.ts', undefined, 10_000, 19_997],
      ['/vod/v2/2.ts', undefined, 19_997, 25_497],
    ])
  })

  test('do not drift, however many there are', () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) => ['#EXTINF:10.0104,', `${index}.ts`]).flat()
    expect(segmentsOf(thousand)?.at(-1)).toEqual(['/vod/v2/999.ts', undefined, 10_000_390, 10_010_400])
  })

  test('know what initialises them', () => {
    const lines = ['#EXT-X-MAP:URI="init-0.mp4"', '#EXTINF:2,', '0.mp4', '#EXTINF:2,', '1.mp4']
    const next = ['#EXT-X-DISCONTINUITY', '#EXT-X-MAP:URI="init-1.mp4"', '#EXTINF:2,', '2.mp4']
    expect(segmentsOf([...lines, ...next])?.map(([path, init]) => [path, init])).toEqual([
      ['/vod/v2/0.mp4', '/vod/v2/init-0.mp4'],
      ['/vod/v2/1.mp4', '/vod/v2/init-0.mp4'],
      ['/vod/v2/2.mp4', '/vod/v2/init-1.mp4'],
    ])
  })

  test('may have breaks between them, and say that they are not encrypted', () => {
    const lines = [
      '#EXT-X-KEY:METHOD=NONE',
      '#EXTINF:10,',
      '0.ts',
      '#EXT-X-DISCONTINUITY',
      '#EXTINF:10,',
      '1.ts',
    ]
    expect(segmentsOf(lines)).toHaveLength(2)
  })

  test.each([
    ['none', []],
    ['some of no length', ['#EXTINF:0,', '0.ts', '#EXTINF:0,', '1.ts']],
    ['one of less than none', ['#EXTINF:10,', '0.ts', '#EXTINF:-5,', '1.ts']],
    ['one of unknown length', ['#EXTINF:10,', '0.ts', '#EXT-X-DISCONTINUITY', '1.ts']],
    ['one without end', ['#EXTINF:10,', '0.ts', '#EXTINF:Infinity,', '1.ts']],
  ])('are not to be had where there is %s', (_what, lines) => {
    expect(segmentsOf(lines)).toBeUndefined()
  })

  test('are not to be had where the first ones are missing: nobody knows how long they were', () => {
    const segments = '#EXTINF:10,\n0.ts\n'
    const text = (tags: string): string => `#EXTM3U\n#EXT-X-TARGETDURATION:10\n${tags}${segments}`
    expect(lastSegments(text('#EXT-X-MEDIA-SEQUENCE:0\n'), base, 10_000)).toHaveLength(1)
    expect(lastSegments(text(''), base, 10_000)).toHaveLength(1)
    expect(lastSegments(text('#EXT-X-MEDIA-SEQUENCE:1\n'), base, 10_000)).toBeUndefined()
    expect(lastSegments(text('#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n'), base, 10_000)).toBeUndefined()
  })

  test('are those of a playlist as long as 48 hours are, and of none that is much longer', () => {
    const hours = (count: number) =>
      Array.from({ length: count * 360 }, (_, index) => ['#EXTINF:10.000,', `${index}-muted.ts`]).flat()
    expect(segmentsOf(hours(48), 120_000)).toHaveLength(12)
    expect(media(hours(48)).length).toBeLessThan(longestPlaylistBytes)
    expect(segmentsOf(hours(110), 120_000)).toBeUndefined()
  })

  test.each([
    ['are encrypted', ['#EXT-X-KEY:METHOD=AES-128,URI="key"', '#EXTINF:10,', '0.ts']],
    ['are pieces of a file', ['#EXTINF:10,', '#EXT-X-BYTERANGE:1000@0', '0.ts']],
    [
      'have a piece of a file before them',
      ['#EXT-X-MAP:URI="0.mp4",BYTERANGE="10@0"', '#EXTINF:10,', '0.mp4'],
    ],
    ['are missing in part', ['#EXTINF:10,', '0.ts', '#EXTINF:10,', '#EXT-X-GAP', '1.ts']],
    ['have an address that is none', ['#EXTINF:10,', 'https://']],
    ['have a beginning whose address is none', ['#EXT-X-MAP:URI="https://"', '#EXTINF:10,', '0.mp4']],
  ])('that %s are not to be had, and do not matter before those that are wanted', (_what, lines) => {
    expect(segmentsOf(lines)).toBeUndefined()
    const plain = ['#EXT-X-KEY:METHOD=NONE', '#EXT-X-MAP:URI="init.mp4"', '#EXTINF:10,', 'last.ts']
    const last = segmentsOf([...lines, ...plain], 10_000)
    expect(last?.map(([path, init]) => [path, init])).toEqual([['/vod/v2/last.ts', '/vod/v2/init.mp4']])
    expect(segmentsOf([...lines, ...plain], 20_000)).toBeUndefined()
  })

  test.each([
    ['no playlist', '<html>Sorry</html>'],
    ['a master playlist', master(source)],
  ])('are not in %s', (_what, text) => {
    expect(lastSegments(text, base, 60_000)).toBeUndefined()
  })

  test('that are longer than they may be are taken, and nothing is printed of it', () => {
    const print = vi.spyOn(console, 'error')
    expect(segmentsOf(['#EXTINF:12.5,', '0.ts'])).toEqual([['/vod/v2/0.ts', undefined, 0, 12_500]])
    expect(print).not.toHaveBeenCalled()
    print.mockRestore()
  })
})

describe('the last segments', () => {
  const lines = [10, 10, 10, 5.5].flatMap((seconds, index) => [`#EXTINF:${seconds},`, `${index}.ts`])

  test.each([
    [60_000, [0, 1, 2, 3]],
    [35_500, [0, 1, 2, 3]],
    [35_499, [1, 2, 3]],
    [25_500, [1, 2, 3]],
    [10_000, [3]],
    [5_500, [3]],
  ])('of at most %i ms are %j', (longestMs, expected) => {
    const all = segmentsOf(lines)
    expect(segmentsOf(lines, longestMs)).toEqual(expected.map(index => all?.[index]))
  })

  test('are none where the last alone is longer', () => {
    expect(segmentsOf(lines, 5_499)).toBeUndefined()
  })
})
