export interface TabAudioOptions {
  /** Of `chrome.tabCapture.getMediaStreamId`: good once, for a few seconds. */
  readonly streamId: string
  /**
   * A tenth of a second of sound, 1600 samples of 16 kHz in one channel, the receiver's to keep. Silence comes too.
   * `sampleIndex` counts samples from the capture's start, missing ones included: session time is
   * `sampleIndex / 16` ms. It is a multiple of 1600.
   */
  readonly onSamples: (samples: Int16Array<ArrayBuffer>, sampleIndex: number) => void
  /**
   * Sound is missing, because the computer slept or could not keep up: more than a second of it, in whole frames.
   * Called right before the frame that comes after; that frame's `sampleIndex` has moved on by it.
   */
  readonly onGap: (missingMs: number) => void
  /**
   * No more sound comes, and the capture is closed: the tab went away or its capture was ended (`track_ended`), or
   * sound stands still and can't be brought back (`failed`). Called once, and not after `close`.
   */
  readonly onEnded: (reason: 'track_ended' | 'failed') => void
}

/** A tab whose sound is captured and still heard. */
export interface TabAudio {
  /** Ends the capture: the tab's sound goes its usual way again. Nothing is called any more. Harmless when repeated. */
  close(): Promise<void>
}

/**
 * Captures a tab's sound, from an offscreen document, and goes on playing it. Nothing is called before this resolves.
 *
 * @throws {DOMException} where the browser refuses it; nothing is left open
 */
export function openTabAudio(_options: TabAudioOptions): Promise<TabAudio> {
  throw new Error('To be built.')
}
