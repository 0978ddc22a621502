import { Questions } from '../domain/ask.ts'
import { askHoldMs, askModel } from '../timing.ts'
import { now } from './clock.ts'
import { read } from './environment.ts'
import { wireModel } from './model.ts'
import { wireSpending } from './signed-in.ts'

export const wireAsk = async () => {
  const config = await read('auth', 'openai')
  const spending = wireSpending(config)
  const questions = new Questions({
    ledger: spending.ledger,
    model: wireModel(config, askModel),
    now,
    failureMeter: spending.failureMeter,
    holdMs: askHoldMs,
  })
  return { ...spending, questions }
}
