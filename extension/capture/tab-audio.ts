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
  let watch: SoundWatch | undefined
  let closing: Promise<void> | undefined

  const close = (): Promise<void> => {
    closing ??= closeAll(stream, contexts)
    watch?.stop()
    return closing
  }
  const end = (reason: 'track_ended' | 'failed'): void => {
    if (closing) return
    void close()
    options.onEnded(reason)
  }

  try {
    play(stream, contexts)
    const clock = createSampleClock()
    await record(stream, contexts, {
      onFrame: ({ samples, atMs }) => {
        if (closing) return
        watch?.sawSound()
        const { sampleIndex, missingMs } = clock.place(atMs)
        if (missingMs > 0) options.onGap(missingMs)
        options.onSamples(samples, sampleIndex)
      },
      onFailed: () => end('failed'),
    })
    for (const track of stream.getTracks()) track.onended = () => end('track_ended')
    if (!stream.active) throw new DOMException('The tab is gone.', 'AbortError')
    watch = createSoundWatch(contexts, () => end('failed'))
    return { close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Chrome's own constraints; TypeScript knows the standard's only. */
const tabConstraints = (streamId: string): MediaStreamConstraints => ({
  audio: { mandatory: { chromeMediaSource: 'tab', chromeMediaSourceId: streamId } } as MediaTrackConstraints,
})

async function closeAll(stream: MediaStream, contexts: readonly AudioContext[]): Promise<void> {
  for (const track of stream.getTracks()) track.stop()
  await Promise.all(contexts.map(context => context.close()))
}

/** A captured tab is no longer heard: its sound is played from here. */
function play(stream: MediaStream, contexts: AudioContext[]): void {
  const context = new AudioContext()
  contexts.push(context)
  context.createMediaStreamSource(stream).connect(context.destination)
}

interface Recorder {
  readonly onFrame: (frame: PcmFrame) => void
  readonly onFailed: () => void
}

/** All channels are mixed down to one, as the Web Audio API does it. */
async function record(
  stream: MediaStream,
  contexts: AudioContext[],
  { onFrame, onFailed }: Recorder,
): Promise<void> {
  // Tried: rendered without an output device, or in larger pieces, it drops sound while the computer is busy.
  const context = new AudioContext({ sampleRate: sampleRateHz })
  contexts.push(context)
  await context.audioWorklet.addModule(chrome.runtime.getURL('/pcm-worklet.js'))
  const node = new AudioWorkletNode(context, 'pcm', {
    numberOfOutputs: 0,
    channelCount: 1,
    channelCountMode: 'explicit',
    channelInterpretation: 'speakers',
  })
  node.port.onmessage = ({ data }: MessageEvent<PcmFrame>) => onFrame(data)
  node.onprocessorerror = onFailed
  context.createMediaStreamSource(stream).connect(node)
}

interface SoundWatch {
  sawSound(): void
  stop(): void
}

/**
 * Resumes what the system has suspended, because a device went away or a call came in, and calls out where no sound
 * comes all the same.
 */
function createSoundWatch(contexts: readonly AudioContext[], onStandstill: () => void): SoundWatch {
  let looks = 0
  const timer = setInterval(() => {
    looks += 1
    if (looks > standstillLooks) return onStandstill()
    for (const context of contexts) {
      if (context.state !== 'running') void context.resume().catch(() => undefined)
    }
  }, watchEveryMs)
  return {
    sawSound: () => {
      looks = 0
    },
    stop: () => clearInterval(timer),
  }
}
