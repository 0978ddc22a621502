import { setTimeout as sleepMs } from 'node:timers/promises'
import { fullJitter } from '../domain/backoff.ts'

export const now = (): number => Date.now()
export const sleep = (milliseconds: number): Promise<void> => sleepMs(milliseconds)
export const backoff = fullJitter(Math.random, sleep)
