import { FileService, type Transcript } from 'assemblyai'
import { UpstreamError } from '../../domain/errors.ts'
import type { TranscriptDeletion } from '../../domain/personal-ports.ts'
import { withDeadline } from '../deadline.ts'
import { StatusTellingTranscripts } from './transcript-service.ts'

export interface TranscriptDeletionOptions {
  readonly apiKey: string
  /** The vendor's own address without it. */
  readonly baseUrl: string | undefined
}

const vendor = 'assemblyai'
const requestTimeoutMs = 20_000
const notFound = 404
const badRequest = 400
/** What the vendor leaves where the sound's address was. */
const deletedAddress = 'http://deleted_by_user'

/** Deleting transcripts, with the sound that they were made of, by AssemblyAI's SDK. */
export class AssemblyAiTranscriptDeletion implements TranscriptDeletion {
  readonly #transcripts: StatusTellingTranscripts

  constructor({ apiKey, baseUrl = 'https://api.assemblyai.com' }: TranscriptDeletionOptions) {
    this.#transcripts = new StatusTellingTranscripts(
      { apiKey, baseUrl },
      new FileService({ apiKey, baseUrl }),
    )
  }

  async delete(transcriptId: string): Promise<void> {
    try {
      await this.#call(() => this.#transcripts.delete(transcriptId))
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      if (error.status === notFound) return
      if (error.status === badRequest && (await this.#isDeleted(transcriptId))) return
      throw error
    }
  }

  async #isDeleted(transcriptId: string): Promise<boolean> {
    return (await this.#call(() => this.#transcripts.get(transcriptId))).audio_url === deletedAddress
  }

  #call(call: () => Promise<Transcript>): Promise<Transcript> {
    return withDeadline(vendor, requestTimeoutMs, call)
  }
}
