import type { Transcript, TranscriptList, TranscriptListItem } from 'assemblyai'
import type { TranscriptRecord } from './record.ts'
import type { ListQuery } from './request.ts'

/** What the API says of a recogniser that is none of the vendor's models. */
const MODEL_USED = 'moonshine-tiny'

/** A transcript as `GET /v2/transcript/{id}` answers it. */
export function toTranscript(record: TranscriptRecord): Transcript {
  return {
    id: record.id,
    status: record.status,
    ...(record.error !== null && { error: record.error }),
    ...resultFields(record),
    ...requestFields(record),
    ...webhookFields(record),

    language_codes: null,
    language_confidence: null,
    language_confidence_threshold: null,
    language_model: 'assemblyai_default',
    acoustic_model: 'assemblyai_default',
    speech_model: null,
    punctuate: true,
    format_text: true,
    throttled: false,
    auto_highlights: false,
    redact_pii: false,
    summarization: false,
  } satisfies Transcript
}

function resultFields({ status, result }: TranscriptRecord) {
  return {
    text: result?.text ?? null,
    words: result?.words ?? null,
    utterances: null,
    confidence: result?.confidence ?? null,
    audio_duration: result?.audio_duration ?? null,
    speech_model_used: status === 'completed' ? MODEL_USED : null,
  } satisfies Partial<Transcript>
}

function requestFields({ request }: TranscriptRecord) {
  return {
    audio_url: request.audio_url,
    audio_start_from: request.audio_start_from ?? null,
    audio_end_at: request.audio_end_at ?? null,
    speech_models: request.speech_models,
    language_code: request.language_code ?? 'en_us',
    language_detection: request.language_detection,
    speaker_labels: request.speaker_labels,
    speakers_expected: request.speakers_expected ?? null,
  } satisfies Partial<Transcript>
}

function webhookFields({ request, webhook }: TranscriptRecord) {
  const answered = webhook.tries.findLast(attempt => attempt.status_code !== null)
  return {
    webhook_url: request.webhook_url ?? null,
    webhook_status_code: answered?.status_code ?? null,
    webhook_auth: request.webhook_auth_header_name != null,
    webhook_auth_header_name: request.webhook_auth_header_name ?? null,
  } satisfies Partial<Transcript>
}

type ListItemOnTheWire = Omit<TranscriptListItem, 'created' | 'completed'> & {
  created: string
  completed: string | null
}
type ListOnTheWire = Omit<TranscriptList, 'transcripts'> & { transcripts: ListItemOnTheWire[] }

/**
 * A page of transcripts as `GET /v2/transcript` answers it: newest first; `prev_url` leads to older ones and
 * `next_url` to newer ones (so the SDK's types).
 *
 * @param records all that are kept, oldest first
 * @param listUrl the address of the list, without a query
 */
export function toTranscriptList(
  records: TranscriptRecord[],
  query: ListQuery,
  listUrl: string,
): ListOnTheWire {
  const newestFirst = records.filter(record => isAskedFor(record, query)).reverse()
  const { page, hasNewer, hasOlder } = pageOf(newestFirst, query)
  const pageUrl = (cursor: Partial<ListQuery>) => `${listUrl}?${queryString(query, cursor)}`
  const [newest, oldest] = [page[0], page.at(-1)]
  return {
    page_details: {
      limit: query.limit,
      result_count: page.length,
      current_url: pageUrl({ before_id: query.before_id, after_id: query.after_id }),
      prev_url: hasOlder && oldest ? pageUrl({ before_id: oldest.id }) : null,
      next_url: hasNewer && newest ? pageUrl({ after_id: newest.id }) : null,
    },
    transcripts: page.map(record => toListItem(record, listUrl)),
  }
}

function isAskedFor(record: TranscriptRecord, { status, created_on: day }: ListQuery): boolean {
  return (
    (status === undefined || record.status === status) &&
    (day === undefined || record.created_at.startsWith(day))
  )
}

/** The page next to the transcript that the query names; an unknown name is as none. */
function pageOf(newestFirst: TranscriptRecord[], { limit, before_id, after_id }: ListQuery) {
  const named = newestFirst.findIndex(record => record.id === (after_id ?? before_id))
  const isNewerThan = after_id !== undefined && named >= 0
  const start = isNewerThan ? Math.max(0, named - limit) : named + 1
  const end = isNewerThan ? named : start + limit
  return {
    page: newestFirst.slice(start, end),
    hasNewer: start > 0,
    hasOlder: end < newestFirst.length,
  }
}

function queryString({ limit, status, created_on }: ListQuery, cursor: Partial<ListQuery>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ limit, status, created_on, ...cursor })) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.toString()
}

function toListItem(record: TranscriptRecord, listUrl: string): ListItemOnTheWire {
  return {
    id: record.id,
    resource_url: `${listUrl}/${record.id}`,
    status: record.status,
    created: withoutZone(record.created_at),
    completed: record.completed_at === null ? null : withoutZone(record.completed_at),
    audio_url: record.request.audio_url,
    error: record.error,
  }
}

/** The API writes times in UTC with microseconds and without a zone: 2024-03-11T21:29:59.936851. */
function withoutZone(isoTime: string): string {
  return isoTime.replace('Z', '000')
}
