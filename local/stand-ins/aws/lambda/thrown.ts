import * as z from 'zod'

const thrownSchema = z.looseObject({
  errorMessage: z.string(),
  errorType: z.string(),
  trace: z.array(z.string()),
})

/**
 * What a function threw, as Lambda tells it. serverless-offline calls each error `Error`; its trace begins with the
 * name that Lambda tells.
 *
 * @param payload serverless-offline's answer
 */
export function asThrown(payload: string): string {
  const thrown = thrownSchema.safeParse(jsonOf(payload))
  if (!thrown.success) return payload
  const { errorMessage, errorType, trace } = thrown.data
  const name = /^([A-Za-z_$][\w$]*)(?::|$)/.exec(trace[0] ?? '')?.[1]
  return JSON.stringify({ errorType: name ?? errorType, errorMessage, trace })
}

function jsonOf(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch {
    return undefined
  }
}
