import * as z from 'zod'

const speaker = z.string().nullish()

const wordSchema = z.object({ text: z.string(), start: z.number(), end: z.number(), speaker })

const turnSchema = z.object({
  type: z.literal('Turn'),
  turn_order: z.int(),
  end_of_turn: z.boolean(),
  turn_is_formatted: z.boolean().default(false),
  transcript: z.string(),
  words: z.array(wordSchema),
  speaker_label: speaker,
})

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Begin') }),
  turnSchema,
  z.object({ type: z.literal('Termination') }),
])

/** What has been said between two silences so far. Times are in ms of the sound that its socket was sent. */
export type TurnMessage = z.infer<typeof turnSchema>

/** The messages of AssemblyAI's streaming API, version 3, that captions are made of. */
export type VendorMessage = z.infer<typeof messageSchema>

/** A message as it came; undefined for one that says nothing about captions, or can't be read. */
export function readVendorMessage(data: unknown): VendorMessage | undefined {
  if (typeof data !== 'string') return undefined
  const parsed = messageSchema.safeParse(parseJson(data))
  return parsed.success ? parsed.data : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
