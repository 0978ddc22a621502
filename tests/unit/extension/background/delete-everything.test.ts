import { describe, expect, it } from 'vitest'
import { type DeletePorts, deleteEverything } from '../../../../extension/background/delete-everything.ts'

function portsThatNote(failing: Partial<DeletePorts> = {}) {
  const steps: string[] = []
  const note = (step: Exclude<keyof DeletePorts, 'closeLeftOpen' | 'openWelcome' | 'wait'>) => async () => {
    steps.push(step)
    await failing[step]?.()
  }
  const ports: DeletePorts = {
    endCaptions: note('endCaptions'),
    closeEngine: note('closeEngine'),
    closeLeftOpen: () => {
      steps.push('closeLeftOpen')
      return failing.closeLeftOpen?.() ?? Promise.resolve({ own: 0, others: 0 })
    },
    signOut: note('signOut'),
    clearTranscripts: note('clearTranscripts'),
    clearStorage: note('clearStorage'),
    openWelcome: async isLeftOpen => {
      steps.push(isLeftOpen ? 'openWelcome, left open' : 'openWelcome')
    },
    wait: failing.wait ?? (() => new Promise(() => undefined)),
  }
  return { ports, steps }
}

const everything = [
  'endCaptions',
  'closeEngine',
  'closeLeftOpen',
  'signOut',
  'clearTranscripts',
  'clearStorage',
  'openWelcome',
]

describe('deleting everything', () => {
  it('ends what runs before it is forgotten, and begins anew', async () => {
    const { ports, steps } = portsThatNote()
    await deleteEverything(ports)
    expect(steps).toEqual(everything)
  })

  it('forgets everything though nothing can be ended', async () => {
    const fail = () => Promise.reject(new Error('no network'))
    const { ports, steps } = portsThatNote({ endCaptions: fail, signOut: fail, closeEngine: fail })
    await deleteEverything(ports)
    expect(steps).toEqual(everything)
  })

  it.each<[string, Partial<DeletePorts>]>([
    ['can not be ended now', { closeLeftOpen: async () => ({ own: 1, others: 0 }) }],
    ['only another account can end', { closeLeftOpen: async () => ({ own: 0, others: 1 }) }],
    ['nobody can learn of', { closeLeftOpen: () => Promise.reject(new Error('disk')) }],
    [
      'takes too long to end',
      { closeLeftOpen: () => new Promise(() => undefined), wait: () => Promise.resolve() },
    ],
  ])('says that captions may cost more, of what %s', async (_, failing) => {
    const { ports, steps } = portsThatNote(failing)
    await deleteEverything(ports)
    expect(steps).toEqual([...everything.slice(0, -1), 'openWelcome, left open'])
  })

  it('tells what could not be forgotten, and forgets the rest', async () => {
    const { ports, steps } = portsThatNote({ clearTranscripts: () => Promise.reject(new Error('disk')) })
    await expect(deleteEverything(ports)).rejects.toThrow('disk')
    expect(steps).toEqual(everything)
  })
})
