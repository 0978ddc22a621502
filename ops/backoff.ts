import { setTimeout as sleep } from 'node:timers/promises'
import { fullJitter } from '../src/domain/backoff.ts'

/** Waits before a write that lost a race is tried again. */
export const backoff = fullJitter(Math.random, milliseconds => sleep(milliseconds))
