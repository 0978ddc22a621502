// `npm run captions -- <recording>`: plays a recording in real time and prints its live captions, as a client would.
import { decodeAudio } from '../recogniser/decode.ts'
import { startCaptions, stopCaptions } from './api.ts'
import { type Caption, captionInRealTime } from './socket.ts'

const [file] = process.argv.slice(2)
const { TOKEN: accessToken, API_URL: apiUrl = `http://127.0.0.1:${process.env.PORT || 3000}` } = process.env

const clock = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A caption that grows is written over in a terminal; elsewhere only whole ones are written. */
const show = ({ startMs, text, isFinal }: Caption): void => {
  const line = `${clock(startMs).padStart(5)}  ${text}`
  if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K${line.slice(-process.stdout.columns + 1)}`)
  if (process.stdout.isTTY && isFinal) process.stdout.write(`\r\u001B[K${line}\n`)
  else if (isFinal) console.log(line)
}

const captionFile = async (recording: string, token: string): Promise<void> => {
  const samples = await decodeAudio(recording)
  const account = { apiUrl, accessToken: token }
  const lease = await startCaptions(account)
  try {
    await captionInRealTime(`${lease.websocket_url}&token=${lease.token}`, samples, show)
  } finally {
    const end = await stopCaptions(account, lease.operation_id)
    console.log(
      `${end.seconds} s for ${end.credits_used} credits; ${end.credits_refunded} that were held are back, ${end.credits_available} are left.`,
    )
  }
}

if (file === undefined || !accessToken) {
  console.error('Say who and what: TOKEN=<access token> npm run captions -- <recording>')
  process.exitCode = 1
} else {
  await captionFile(file, accessToken).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
}
