import { TranscriptService } from 'assemblyai'
import { UpstreamError } from '../../domain/errors.ts'

/** The SDK's service, whose errors tell the status that they came with: its own keep the vendor's words alone. */
export class StatusTellingTranscripts extends TranscriptService {
  protected override async fetchResponse(input: string, init?: RequestInit): Promise<Response> {
    const response = await super.fetchResponse(input, init)
    if (response.status < 400) return response
    await response.body?.cancel()
    throw new UpstreamError('assemblyai', 'failed', response.status)
  }
}
