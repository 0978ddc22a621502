import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { answer } from './answer.ts'

const file = process.env.FAKE_AWS_STATE
if (!file) throw new Error('FAKE_AWS_STATE does not say where the fake account is.')

const pause = new Int32Array(new SharedArrayBuffer(4))
const lock = `${file}.lock`

/** One program at a time: uploads run side by side. */
const takeLock = (): void => {
  for (;;) {
    try {
      mkdirSync(lock)
      return
    } catch {
      Atomics.wait(pause, 0, 0, 5)
    }
  }
}

takeLock()
try {
  const aws = JSON.parse(readFileSync(file, 'utf8'))
  // As the real one does: it can't be opened when it is a socket.
  const result = answer(aws, process.argv.slice(2), () => readFileSync('/dev/stdin', 'utf8'))
  writeFileSync(file, JSON.stringify(aws))
  process.stdout.write(result.stdout)
  process.stderr.write(result.stderr)
  process.exitCode = result.exitCode
} finally {
  rmdirSync(lock)
}
