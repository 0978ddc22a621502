/** What is heard in a channel's recordings. */
export type SoundName = 'speech' | 'silence'

/** What goes wrong on the way to a channel's sound. */
export type Trouble =
  | 'slow_segments'
  | 'stalling_segments'
  | 'forbidden_segments'
  | 'flaky_segments'
  | 'broken_playlist'
  | 'redirect_elsewhere'
  | 'playlist_elsewhere'

/** A part of a recording whose sound Twitch has taken out, in seconds from the recording's start. */
export interface MutedPart {
  offset: number
  duration: number
}

/** A recording as it is planned: its times count back from the stand-in's start. */
export interface RecordingPlan {
  startedMinutesAgo: number
  /** How long it is; without it the recording is of the stream that is on air, and grows. */
  minutes?: number
  subscribersOnly?: boolean
  muted?: MutedPart[] | 'all'
}

/** A channel, as data. */
export interface Channel {
  login: string
  /** For people: what it is there to show. */
  purpose: string
  /** For how many minutes it was on air when the stand-in started; without it the channel is offline. */
  liveMinutes?: number
  /** Newest first. */
  recordings: RecordingPlan[]
  /** Speech, where it isn't said. */
  sound?: SoundName
  /** MPEG-TS, where it isn't said. */
  container?: 'ts' | 'mp4'
  /**
   * Whether its playlists name muted pieces `-unmuted`, which answer 403 and are to be had as `-muted`. Twitch does
   * both (https://github.com/yt-dlp/yt-dlp/issues/819).
   */
  namesUnmuted?: boolean
  /** Whether its master playlists leave out the rendition that is sound alone. */
  lacksAudioOnly?: boolean
  trouble?: Trouble
}

const onAir = (minutes: number, plan: Partial<RecordingPlan> = {}) => ({
  liveMinutes: minutes,
  recordings: [{ startedMinutesAgo: minutes, ...plan }],
})
const yesterday: RecordingPlan = { startedMinutesAgo: 24 * 60, minutes: 90 }
const lastWeek: RecordingPlan = { startedMinutesAgo: 7 * 24 * 60, minutes: 61.5 }

/** Every channel that there is. Their ids follow from their places in this list: new ones go to its end. */
export const channels: readonly Channel[] = [
  {
    login: 'speaks',
    purpose: 'On air for 40 minutes when the stand-in starts, with a recording that grows.',
    liveMinutes: 40,
    recordings: [{ startedMinutesAgo: 40 }, yesterday],
  },
  {
    login: 'offline_channel',
    purpose: 'Off air, with two recordings.',
    recordings: [yesterday, lastWeek],
  },
  { login: 'offline_nothing_recorded', purpose: 'Off air, with no recording.', recordings: [] },
  {
    login: 'live_without_archive',
    purpose: 'On air, but it records nothing.',
    liveMinutes: 40,
    recordings: [],
  },
  {
    login: 'live_with_old_archives',
    purpose: 'On air without recording; the recordings that there are show earlier streams.',
    liveMinutes: 40,
    recordings: [yesterday, lastWeek],
  },
  {
    login: 'newest_for_subscribers',
    purpose: 'On air; the growing recording is for subscribers (403), the one before is for everybody.',
    liveMinutes: 40,
    recordings: [{ startedMinutesAgo: 40, subscribersOnly: true }, yesterday],
  },
  {
    login: 'all_for_subscribers',
    purpose: 'On air; all recordings are for subscribers (403).',
    liveMinutes: 40,
    recordings: [
      { startedMinutesAgo: 40, subscribersOnly: true },
      { ...yesterday, subscribersOnly: true },
    ],
  },
  {
    login: 'partly_muted',
    purpose: 'Minutes 35 to 38 of the recording are muted, and half a minute at its beginning.',
    ...onAir(40, {
      muted: [
        { offset: 30, duration: 30 },
        { offset: 2_100, duration: 180 },
      ],
    }),
  },
  { login: 'all_muted', purpose: 'All of the recording is muted.', ...onAir(40, { muted: 'all' }) },
  { login: 'nobody_speaks', purpose: 'The recording is of silence.', ...onAir(40), sound: 'silence' },
  {
    login: 'slow_cdn',
    purpose: 'Each piece of the recording takes a second and a half to come.',
    ...onAir(40),
    trouble: 'slow_segments',
  },
  {
    login: 'stalling_cdn',
    purpose: 'Half of a piece of the recording comes, and then nothing more.',
    ...onAir(40),
    trouble: 'stalling_segments',
  },
  {
    login: 'forbidding_cdn',
    purpose: 'The pieces of the recording answer 403.',
    ...onAir(40),
    trouble: 'forbidden_segments',
  },
  {
    login: 'flaky_cdn',
    purpose: 'Every third piece of the recording answers 500 at first, and comes when it is asked for again.',
    ...onAir(40),
    trouble: 'flaky_segments',
  },
  {
    login: 'broken_playlist',
    purpose: 'What should be the playlist of the recording is a web page.',
    ...onAir(40),
    trouble: 'broken_playlist',
  },
  {
    login: 'redirects_elsewhere',
    purpose: 'Asked for the master playlist, Twitch redirects to a host that is not its own.',
    ...onAir(40),
    trouble: 'redirect_elsewhere',
  },
  {
    login: 'playlist_elsewhere',
    purpose: 'The master playlist names playlists on a host that is not Twitch’s.',
    ...onAir(40),
    trouble: 'playlist_elsewhere',
  },
  {
    login: 'just_started',
    purpose: 'On air for 6 minutes when the stand-in starts: there is less than one asks for.',
    ...onAir(6),
  },
  {
    login: 'three_hours',
    purpose: 'On air for 3 hours when the stand-in starts: two hours can be caught up on.',
    ...onAir(180),
  },
  {
    login: 'fragmented_mp4',
    purpose: 'The pieces of the recording are fragmented MP4 with a part of its own for the beginning.',
    ...onAir(40),
    container: 'mp4',
  },
  {
    login: 'without_audio_only',
    purpose: 'There is no rendition of sound alone: the one with the least bandwidth has to do.',
    ...onAir(40),
    lacksAudioOnly: true,
  },
  {
    login: 'named_unmuted',
    purpose:
      'As partly_muted, but the playlist names pieces that answer 403: they are to be had under other names.',
    ...onAir(40, { muted: [{ offset: 2_100, duration: 180 }] }),
    namesUnmuted: true,
  },
]
