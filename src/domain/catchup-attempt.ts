import type { Hold } from './account.ts'
import type { JobOutcomes } from './job-outcomes.ts'
import type { JobCallback, RecordingWindow, Reservation } from './ports.ts'

/** The open reservation that a job is for, or undefined where it has ended or been tried again since. */
export const findAttempt = async (
  outcomes: JobOutcomes,
  job: JobCallback,
): Promise<Reservation | undefined> => {
  const open = await outcomes.findOpen(job.userId, job.operationId, 'catchup')
  return open?.hold.expiresAtMs === job.holdExpiresAtMs ? open : undefined
}

/** What can be heard of a stretch, and so is charged. */
export const audibleMs = ({ fromMs, toMs, mutedMs }: RecordingWindow): number =>
  Math.max(0, toMs - fromMs - mutedMs)

/** Whether a catch-up is from a channel, and not from the listener's own transcript: that has no length. */
export const isFromChannel = ({ service, audioMs }: Hold): boolean =>
  service === 'catchup' && audioMs !== undefined
