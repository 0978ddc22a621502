import { offersChannels } from '../config.ts'
import { wireCatchups } from './catchup.ts'
import { wireCatchupQueue } from './catchup-queue.ts'
import { read } from './environment.ts'
import { wireSpending } from './signed-in.ts'

export const wireCatchupCreate = async () => {
  const config = await read('auth', 'channels')
  const spending = wireSpending(config)
  return {
    ...spending,
    catchups: wireCatchups(spending, wireCatchupQueue(config)),
    offersChannels: offersChannels(config.channels),
  }
}
