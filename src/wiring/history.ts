import { DynamoTransactionHistory, DynamoUsageHistory } from '../db/history.ts'
import { backoff } from './clock.ts'
import { read } from './environment.ts'
import { wireSignedIn } from './signed-in.ts'

export const wireTransactions = async () => {
  const signedIn = wireSignedIn(await read('auth'))
  return { ...signedIn, history: new DynamoTransactionHistory(signedIn.database, backoff) }
}

export const wireUsage = async () => {
  const signedIn = wireSignedIn(await read('auth'))
  return { ...signedIn, history: new DynamoUsageHistory(signedIn.database) }
}
