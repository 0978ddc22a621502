/** What a metered operation is called in the journal of debits and in every answer. */
export const serviceTypes = ['live_transcription', 'clip_transcription', 'catchup', 'ask_agent'] as const
