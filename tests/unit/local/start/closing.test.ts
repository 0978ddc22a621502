import { describe, expect, it } from 'vitest'
import { createClosing } from '../../../../local/closing.ts'

describe('the end', () => {
  it('ends what was started, last first, and once', async () => {
    const ended: string[] = []
    const closing = createClosing(() => undefined)
    await closing.add(async () => ended.push('database'))
    await closing.add(async () => ended.push('backend'))
    expect(closing.begun).toBe(false)
    await Promise.all([closing.close(), closing.close()])
    expect(closing.begun).toBe(true)
    expect(ended).toEqual(['backend', 'database'])
  })

  it('goes on after a failure, and tells of it', async () => {
    const ended: string[] = []
    const failures: unknown[] = []
    const closing = createClosing(error => failures.push(error))
    await closing.add(async () => ended.push('database'))
    await closing.add(() => Promise.reject(new Error('stuck')))
    await closing.close()
    expect(ended).toEqual(['database'])
    expect(failures).toEqual([new Error('stuck')])
  })

  it('ends at once what was still starting when it began', async () => {
    const ended: string[] = []
    const closing = createClosing(() => undefined)
    await closing.close()
    await closing.add(async () => ended.push('late'))
    expect(ended).toEqual(['late'])
  })
})
