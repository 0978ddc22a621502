import type { SilenceSettings } from '../settings/model.ts'

export interface Heard {
  /** Whether anything can be heard in what was just passed in. In doubt it can. */
  readonly isSound: boolean
  /** Since the last sound, or since the detector was made; 0 with sound. */
  readonly silentForMs: number
}

/** Tells sound from silence, frame by frame. */
export interface SilenceDetector {
  /** @param samples 16 kHz, one channel; the next of the stream */
  hear(samples: Int16Array<ArrayBuffer>): Heard
  /** Whether the listener wants captions to pause now, by the silence so far. Always false where they never do. */
  readonly shouldPause: boolean
  /** Takes settings that the listener has changed; what was heard so far still counts. */
  configure(settings: SilenceSettings): void
}

export function createSilenceDetector(_settings: SilenceSettings): SilenceDetector {
  throw new Error('To be built.')
}
