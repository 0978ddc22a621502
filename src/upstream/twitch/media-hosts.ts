/**
 * Where Twitch keeps recordings. The playlists and segments of nearly all of them come from CloudFront
 * distributions, whose number grows and which no document lists; the three named hosts are older.
 * A wildcard under cloudfront.net reaches CloudFront's edges and nothing else, and what is fetched there carries
 * no credentials; which distribution it is, usher's signed playlist says.
 * @see https://github.com/TwitchRecover/TwitchRecover/blob/main/domains.txt
 * @see https://github.com/TwitchRecover/TwitchRecover/pull/699 (a distribution of July 2025)
 */
export const twitchMediaHosts: readonly string[] = [
  '*.cloudfront.net',
  'vod-secure.twitch.tv',
  'vod-metro.twitch.tv',
  'vod-pop-secure.twitch.tv',
]
