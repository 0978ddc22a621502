import { on } from 'node:events'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import * as z from 'zod'
import type { ClipInspection } from '../../../src/domain/ports.ts'
import { clipInspector } from '../../../src/media/clip-inspector.ts'

const clipsSchema = z.array(z.instanceof(Uint8Array))

/**
 * Inspects clips in a thread of its own, one after the other: a reader that goes round in a circle would otherwise
 * stop the test run itself, whose timers never come up then.
 * @throws {Error} naming the clip that was being read when `timeoutMs` had passed
 */
export const inspectClips = async (
  clips: readonly Uint8Array[],
  timeoutMs = 15_000,
): Promise<ClipInspection[]> => {
  const inspections: ClipInspection[] = []
  const worker = new Worker(new URL(import.meta.url), { workerData: clips })
  try {
    for await (const [inspection] of on(worker, 'message', { signal: AbortSignal.timeout(timeoutMs) })) {
      inspections.push(inspection)
      if (inspections.length === clips.length) break
    }
    return inspections
  } catch (cause) {
    throw new Error(`Clip ${inspections.length} has not been read in ${timeoutMs} ms.`, { cause })
  } finally {
    await worker.terminate()
  }
}

const inspectInThisThread = async (): Promise<void> => {
  for (const clip of clipsSchema.parse(workerData)) parentPort?.postMessage(await clipInspector.inspect(clip))
}

if (!isMainThread && clipsSchema.safeParse(workerData).success) await inspectInThisThread()
