import { describe, expect, it } from 'vitest'
import { type DeletePorts, deleteEverything } from '../../../../extension/background/delete-everything.ts'

function portsThatNote(failing: Partial<DeletePorts> = {}) {
  const steps: string[] = []
  const note = (step: keyof DeletePorts) => async () => {
    steps.push(step)
    await failing[step]?.()
  }
  const ports: DeletePorts = {
    endCaptions: note('endCaptions'),
    signOut: note('signOut'),
    closeEngine: note('closeEngine'),
    clearTranscripts: note('clearTranscripts'),
    clearStorage: note('clearStorage'),
    openWelcome: note('openWelcome'),
  }
  return { ports, steps }
}

const everything = [
  'endCaptions',
  'signOut',
  'closeEngine',
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

  it('tells what could not be forgotten, and forgets the rest', async () => {
    const { ports, steps } = portsThatNote({ clearTranscripts: () => Promise.reject(new Error('disk')) })
    await expect(deleteEverything(ports)).rejects.toThrow('disk')
    expect(steps).toEqual(everything)
  })
})
