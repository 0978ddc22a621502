import type { PcmFrame } from './pcm-frames.ts'
import { createSampleClock } from './sample-clock.ts'
import { sampleRateHz } from './sound.ts'

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

const watchEveryMs = 1_000
/** Looks in a row that found no sound come, after which it is given up. Sleep doesn't count: nobody looks then. */
const standstillLooks = 10

/**
 * Captures a tab's sound, from an offscreen document, and goes on playing it. Nothing is called before this resolves.
 *
 * @throws {DOMException} where the browser refuses it; nothing is left open
 */
export async function openTabAudio(options: TabAudioOptions): Promise<TabAudio> {
  const stream = await navigator.mediaDevices.getUserMedia(tabConstraints(options.streamId))
  const contexts: AudioContext[] = []
  let watch: ReturnType<typeof setInterval> | undefined
  let isClosed = false

  const close = async (): Promise<void> => {
    isClosed = true
    clearInterval(watch)
    for (const track of stream.getTracks()) track.stop()
    await Promise.all(contexts.filter(({ state }) => state !== 'closed').map(context => context.close()))
  }
  const end = (reason: 'track_ended' | 'failed'): void => {
    if (isClosed) return
    void close()
    options.onEnded(reason)
  }

  try {
    const player = new AudioContext()
    contexts.push(player)
    player.createMediaStreamSource(stream).connect(player.destination)
    const recorder = new AudioContext(recorderOptions)
    contexts.push(recorder)
    const node = await createPcmNode(recorder)
    if (stream.getAudioTracks()[0]?.readyState !== 'live')
      throw new DOMException('The tab is gone.', 'AbortError')

    let looksWithoutSound = 0
    const clock = createSampleClock()
    node.port.onmessage = ({ data }: MessageEvent<PcmFrame>) => {
      if (isClosed) return
      looksWithoutSound = 0
      const { sampleIndex, missingMs } = clock.place(data.atMs)
      if (missingMs > 0) options.onGap(missingMs)
      options.onSamples(data.samples, sampleIndex)
    }
    node.onprocessorerror = () => end('failed')
    for (const track of stream.getAudioTracks()) track.onended = () => end('track_ended')
    watch = setInterval(() => {
      looksWithoutSound += 1
      if (looksWithoutSound > standstillLooks) end('failed')
      else void resume(contexts)
    }, watchEveryMs)
    recorder.createMediaStreamSource(stream).connect(node)
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Without an output device the recorder goes on when a device is unplugged, and by the computer's clock, as tab capture
 * does. Rendering in larger pieces than a game needs saves a third of its CPU for 20 ms of delay.
 */
const recorderOptions: AudioContextOptions & { readonly sinkId: { readonly type: 'none' } } = {
  sampleRate: sampleRateHz,
  latencyHint: 'playback',
  sinkId: { type: 'none' },
}

/** Chrome's own constraints; TypeScript knows the standard's only. */
const tabConstraints = (streamId: string): MediaStreamConstraints => ({
  audio: { mandatory: { chromeMediaSource: 'tab', chromeMediaSourceId: streamId } } as MediaTrackConstraints,
})

/** Mixes all channels down to one, as the Web Audio API does it. */
async function createPcmNode(context: AudioContext): Promise<AudioWorkletNode> {
  await context.audioWorklet.addModule(chrome.runtime.getURL('/pcm-worklet.js'))
  return new AudioWorkletNode(context, 'pcm', {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: 'explicit',
    channelInterpretation: 'speakers',
  })
}

/** The system suspends sound when a device goes away or a call comes in, and doesn't always bring it back. */
const resume = (contexts: readonly AudioContext[]): Promise<unknown> =>
  Promise.allSettled(contexts.filter(({ state }) => state !== 'running').map(context => context.resume()))
