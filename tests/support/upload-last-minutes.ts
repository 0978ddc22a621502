/**
 * Run as a process of its own, so that its memory is its own: finds a channel's last minutes and streams them into
 * the speech vendor's upload. Takes the two servers' addresses and the minutes; prints what it came to.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AssemblyAiSpeechJobs } from '../../src/upstream/assemblyai/speech-jobs.ts'
import { TwitchRecordings } from '../../src/upstream/twitch/recordings.ts'

const [twitchUrl = '', assemblyAiUrl = '', minutes = ''] = process.argv.slice(2)

const recordings = new TwitchRecordings({
  clientId: 'client',
  clientSecret: 'secret',
  playbackClientId: 'player',
  authUrl: `${twitchUrl}/id`,
  apiUrl: `${twitchUrl}/helix`,
  gqlUrl: `${twitchUrl}/gql`,
  usherUrl: `${twitchUrl}/usher`,
  mediaHosts: [],
  now: Date.now,
  sleep,
})
const speech = new AssemblyAiSpeechJobs({
  apiKey: 'key',
  baseUrl: assemblyAiUrl,
  speechModels: ['universal'],
  callbackUrl: 'https://api.example/webhooks/assemblyai',
  callbackSecret: 'callback-secret',
})

const found = await recordings.findLast('speaks', Number(minutes))
if (!found.found) throw new Error(found.refusal)
let doneMs = 0
const sound = found.audio.read(milliseconds => {
  doneMs = milliseconds
})
const transcriptId = await speech.submitStream(sound, {
  userId: 'user',
  operationId: 'operation',
  holdExpiresAtMs: 0,
  requestHash: 'hash',
  window: found.window,
})

/** The most that was ever resident, of this process since it began. `maxRSS` would count its parent's too. */
const peakKibibytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
console.log(JSON.stringify({ transcriptId, doneMs, peakMebibytes: Math.round(peakKibibytes / 1_024) }))
