import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AssemblyAiError, cannotDownload, notOnThisMachine, tooLong } from './errors.ts'

/** AssemblyAI's limits: 2.2 GB for an upload, 5 GB for a file that it fetches. */
const LARGEST_UPLOAD_BYTES = 2.2e9
const LARGEST_DOWNLOAD_BYTES = 5e9
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000

/** How long an upload is kept once nothing waits for it. */
const KEEP_UPLOADS_MS = 24 * 60 * 60_000

/** A recording on disk, to be let go of when it has been read. */
type Recording = { file: string; discard(): Promise<void> }

/** The recordings that were uploaded, and those that are fetched. */
export type Recordings = {
  /** Keeps an upload; returns the address under which transcripts may name it. */
  upload(body: Readable): Promise<string>
  /**
   * The recording at an address: an upload, or a file on a server of this machine.
   *
   * @throws TranscriptionError where there is none
   */
  open(audioUrl: string, signal: AbortSignal): Promise<Recording>
  /** Removes the upload with this address, if it is one. */
  removeUpload(audioUrl: string): Promise<void>
  /** Removes uploads that are a day old, but for those that are still named. */
  removeOldUploads(stillNamed: readonly string[]): Promise<void>
}

/**
 * @param directory where the files go; it is made
 * @param uploadUrl what the addresses of uploads begin with
 */
export async function openRecordings(directory: string, uploadUrl: string): Promise<Recordings> {
  await mkdir(directory, { recursive: true })

  const fileOf = (audioUrl: string) => {
    const id = audioUrl.startsWith(`${uploadUrl}/`) ? audioUrl.slice(uploadUrl.length + 1) : ''
    return /^[\da-f-]{36}$/.test(id) ? join(directory, id) : undefined
  }

  return {
    async upload(body) {
      const id = randomUUID()
      const tooLarge = new AssemblyAiError(413, 'The file is larger than 2.2 GB.')
      await writeWhole(body, join(directory, id), LARGEST_UPLOAD_BYTES, tooLarge)
      return `${uploadUrl}/${id}`
    },

    async open(audioUrl, signal) {
      const uploaded = fileOf(audioUrl)
      if (uploaded === undefined) return fetchRecording(audioUrl, directory, signal)
      if (!(await exists(uploaded))) throw cannotDownload(audioUrl)
      return { file: uploaded, discard: async () => undefined }
    },

    async removeUpload(audioUrl) {
      const file = fileOf(audioUrl)
      if (file !== undefined) await rm(file, { force: true })
    },

    async removeOldUploads(stillNamed) {
      const needed = new Set(stillNamed.map(fileOf))
      for (const name of await readdir(directory)) {
        const file = join(directory, name)
        if (!needed.has(file) && (await ageMs(file)) > KEEP_UPLOADS_MS) await rm(file, { force: true })
      }
    },
  }
}

async function fetchRecording(audioUrl: string, directory: string, signal: AbortSignal): Promise<Recording> {
  if (!isOnThisMachine(new URL(audioUrl))) throw notOnThisMachine(audioUrl)
  const file = join(directory, `fetched-${randomUUID()}`)
  try {
    const response = await fetch(audioUrl, {
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]),
    })
    if (!response.ok || response.body === null) throw cannotDownload(audioUrl)
    await writeWhole(Readable.fromWeb(response.body), file, LARGEST_DOWNLOAD_BYTES, tooLong())
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof TypeError || isTimeout(error) ? cannotDownload(audioUrl) : error
  }
  return { file, discard: () => rm(file, { force: true }) }
}

function isOnThisMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}

/** Writes a stream to a file that is there only when all of it has come. */
async function writeWhole(body: Readable, file: string, mostBytes: number, tooLarge: Error): Promise<void> {
  const part = `${file}.part`
  try {
    await pipeline(body, atMost(mostBytes, tooLarge), createWriteStream(part))
    await rename(part, file)
  } finally {
    await rm(part, { force: true })
  }
}

function atMost(bytes: number, tooLarge: Error): Transform {
  let passed = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length
      if (passed > bytes) done(tooLarge)
      else done(null, chunk)
    },
  })
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}

async function ageMs(file: string): Promise<number> {
  return Date.now() - (await stat(file)).mtimeMs
}
