import { join } from 'node:path'
import { projectDir } from './paths.ts'

/** A command for a shell, to be copied. */
export interface Command {
  /** What it does, in a few words. */
  title: string
  /** One line for sh, bash or zsh. */
  line: string
}

/**
 * The commands that show what the backend does, to be pasted one after the other: the first keeps the access token
 * in the shell's `TOKEN` for the others.
 *
 * @param apiUrl without a slash at its end
 */
export function tryItCommands(apiUrl: string, fixturesDir: string): Command[] {
  const json = `-H 'content-type: application/json'`
  const bearer = '-H "authorization: Bearer $TOKEN"'
  const clip = join(fixturesDir, 'austen-0870.wav')
  return [
    {
      title: 'Register (200 credits are free)',
      line:
        `TOKEN=$(curl -s ${apiUrl}/auth/register ${json} ` +
        `-d '{"email":"me'$RANDOM'@example.com","password":"correct horse"}' | ` +
        `${pick('access_token')}) && echo "$TOKEN"`,
    },
    {
      title: 'Buy a pack (prints the address of the Checkout page: open it and pay)',
      line:
        `curl -s ${apiUrl}/credits/purchase ${bearer} ${json} -d '{"package_id":"starter"}' | ` +
        pick('checkout_url'),
    },
    {
      title: 'Transcribe 7 seconds of speech (2 credits)',
      line:
        `curl -s ${apiUrl}/transcription/clip ${bearer} -H 'content-type: application/octet-stream' ` +
        `--data-binary @${shellQuoted(clip)} | ` +
        pick('text'),
    },
    {
      title: 'See them as live captions, as fast as they are spoken (2 credits)',
      line: `TOKEN=$TOKEN API_URL=${apiUrl} npm run -s captions --prefix ${shellQuoted(projectDir)} -- ${shellQuoted(clip)}`,
    },
    {
      title: 'Catch up on the last 5 minutes of a stream on Twitch (50 credits)',
      line:
        `ID=$(curl -s ${apiUrl}/transcription/catchup ${bearer} ${json} ` +
        `-d '{"channel":"speaks","minutes":5}' | ${pick('operation_id')}) && echo "$ID"`,
    },
    {
      title: 'See where that stands; it takes a minute or two',
      line:
        `curl -s ${apiUrl}/transcription/catchup/$ID ${bearer} | ` +
        `node -p 'r=JSON.parse(fs.readFileSync(0)); r.summary ?? r.error?.detail ?? r.detail ?? r.stage'`,
    },
  ]
}

/** Reads an answer in JSON and prints one field of it, or why there is none. */
function pick(field: string): string {
  return `node -p 'r=JSON.parse(fs.readFileSync(0)); r.${field} ?? r.detail ?? r'`
}

function shellQuoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
