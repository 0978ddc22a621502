/** What is known of a session: what a vendor would bill by. Times are in ISO 8601. */
export type SessionRecord = {
  id: string
  /** The token that opened it: its first characters; null where the key itself did. */
  token_id: string | null
  speech_model: string
  opened_at: string
  closed_at: string | null
  /** 1006 where the line broke without a close; null while it is open. */
  close_code: number | null
  cap_seconds: number
  /** How much audio was taken. */
  audio_seconds: number
}

/** A session as `GET /sessions` lists it: with how long it was open, so far. */
export function toSessionSummary(
  record: SessionRecord,
  nowMs: number,
): SessionRecord & { open_seconds: number } {
  const endMs = record.closed_at === null ? nowMs : Date.parse(record.closed_at)
  return { ...record, open_seconds: (endMs - Date.parse(record.opened_at)) / 1000 }
}
