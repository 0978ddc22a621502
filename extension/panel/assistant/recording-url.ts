/** Where a recording is to be watched on Twitch from a time on. @param atMs from its start */
export const recordingUrl = (videoId: string, atMs: number): string =>
  `https://www.twitch.tv/videos/${encodeURIComponent(videoId)}?t=${Math.floor(atMs / 1_000)}s`
