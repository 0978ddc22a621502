import { describe, expect, it } from 'vitest'
import type { Badge } from '../../../../extension/background/badge.ts'
import { createCaptions } from '../../../../extension/background/captions.ts'
import type { CaptionedTab } from '../../../../extension/background/stored.ts'
import type { ProblemView } from '../../../../extension/captions/view.ts'
import { settingsSchema } from '../../../../extension/settings/model.ts'
import { MemoryEngine, problem } from './memory-engine.ts'
import { tabOf, viewOf } from './samples.ts'

/** A browser with its tabs, badges, alarms and storage, and the worker's captions in it. */
function browser() {
  const engine = new MemoryEngine()
  const world = {
    engine,
    tabs: [] as CaptionedTab[],
    lastProblem: undefined as { tabId: number; problem: ProblemView } | undefined,
    badges: new Map<number, Badge>(),
    overlays: [] as number[],
    nudged: [] as number[],
    refusesOverlay: new Set<number>(),
    isKnown: true as true | undefined,
    isWatched: false,
    /** How often the minute has begun to be counted. */
    watchBegun: 0,
    recoveries: 0,
    leftOpen: { own: 0, others: 0 },
    balanceMoves: 0,
    mayCapture: true,
  }
  let turn: Promise<unknown> = Promise.resolve()
  const turns = new Map<string, Promise<unknown>>()
  let ids = 0
  const captions = createCaptions({
    engine,
    start: {
      engine,
      consented: async () => true,
      account: async () => 'listener@example.com https://api.example',
      mayCapture: async () => world.mayCapture,
      page: async () => ({ title: 'A talk', url: 'https://example.com/talk' }),
      streamId: async () => 'stream',
      settings: async () => ({ settings: settingsSchema.parse({}), apiUrl: 'https://api.example' }),
      newSessionId: () => {
        ids += 1
        return `new ${ids}`
      },
    },
    tabs: {
      read: async () => world.tabs,
      write: async tabs => {
        world.tabs = tabs
      },
    },
    lastProblem: {
      read: async () => world.lastProblem,
      write: async last => {
        world.lastProblem = last
      },
      clear: async () => {
        world.lastProblem = undefined
      },
    },
    isKnownBrowser: {
      read: async () => world.isKnown,
      write: async isKnown => {
        world.isKnown = isKnown
      },
    },
    showBadge: async (tabId, badge) => void world.badges.set(tabId, badge),
    putOverlay: async tabId => {
      world.overlays.push(tabId)
      return !world.refusesOverlay.has(tabId)
    },
    nudgeOverlay: async tabId => void world.nudged.push(tabId),
    alone: (name, work) => {
      turn = (turns.get(name) ?? Promise.resolve()).then(work, work)
      turns.set(name, turn)
      return turn as ReturnType<typeof work>
    },
    watch: {
      begin: async () => {
        world.isWatched = true
        world.watchBegun += 1
      },
      end: async () => {
        world.isWatched = false
      },
    },
    closeBrokenOff: async () => {
      world.recoveries += 1
      return world.leftOpen
    },
    balanceMoved: () => {
      world.balanceMoves += 1
    },
    wait: () => new Promise(resolve => setTimeout(resolve, 5)),
  })
  return Object.assign(world, { captions })
}

const here = { tabId: 1, takeOver: false }

/** Captions that are about to start, and are until `begin` is called. */
async function slowStart({ engine, captions }: ReturnType<typeof browser>) {
  let begin: () => void = () => undefined
  const gate = new Promise<void>(resolve => {
    begin = resolve
  })
  const own = engine.begin.bind(engine)
  let isAsked = false
  engine.begin = async request => {
    isAsked = true
    await gate
    await own(request)
  }
  const starting = captions.start(here)
  await expect.poll(() => isAsked).toBe(true)
  return { begin, starting }
}

describe('starting captions', () => {
  it('puts the overlay on the page and says so on the icon', async () => {
    const world = browser()
    expect(await world.captions.start(here)).toEqual({ sessionId: 'new 1' })
    expect(world.overlays).toEqual([1])
    expect(world.nudged).toEqual([1])
    expect(world.badges.get(1)?.sign).toBe('popup_badge_live')
  })

  it('keeps what goes wrong for the popup, and marks the icon', async () => {
    const world = browser()
    world.mayCapture = false
    await expect(world.captions.start(here)).rejects.toMatchObject({ view: { code: 'permission_needed' } })
    expect(world.lastProblem).toMatchObject({ tabId: 1, problem: { code: 'permission_needed' } })
    expect(world.badges.get(1)?.sign).toBe('popup_badge_problem')
  })

  it('that went wrong is what the icon tells, not how earlier captions ended', async () => {
    const world = browser()
    world.tabs = [tabOf({ state: { name: 'ended', reason: 'failed' } })]
    world.lastProblem = { tabId: 1, problem: problem('offline').view }
    await world.captions.reconcile()
    expect(world.badges.get(1)?.title).toEqual(['popup_title_problem'])
  })

  it('forgets what went wrong before', async () => {
    const world = browser()
    world.lastProblem = { tabId: 1, problem: problem('offline').view }
    await world.captions.start(here)
    expect(world.lastProblem).toBeUndefined()
  })

  it('remembers that the page lets no captions be shown', async () => {
    const world = browser()
    world.refusesOverlay.add(1)
    await world.captions.start(here)
    expect(world.tabs[0]?.overlayRefused).toBe(true)
    expect(world.badges.get(1)?.title).toContain('popup_title_overlay_refused')
  })

  it('twice at once starts once', async () => {
    const world = browser()
    const both = await Promise.all([world.captions.start(here), world.captions.start(here)])
    expect(both).toEqual([{ sessionId: 'new 1' }, { sessionId: 'new 1' }])
    expect(world.engine.begun).toHaveLength(1)
  })

  it('over from another tab leaves no mark there, for the listener wanted it', async () => {
    const world = browser()
    await world.captions.start({ tabId: 2, takeOver: false })
    await world.captions.start({ tabId: 1, takeOver: true })
    expect(world.badges.get(2)?.sign).toBeUndefined()
    expect(world.badges.get(1)?.sign).toBe('popup_badge_live')
  })
})

describe('the shortcut', () => {
  it('starts captions, and stops them', async () => {
    const world = browser()
    await world.captions.toggle(1)
    expect(world.engine.begun).toHaveLength(1)
    await world.captions.toggle(1)
    expect(world.engine.ended).toEqual([[1, 'stopped']])
    expect(world.badges.get(1)?.sign).toBeUndefined()
  })
})

describe('a change that the offscreen document tells of', () => {
  it('is shown on the icon and has the balance asked for', async () => {
    const world = browser()
    world.engine.run({ state: { name: 'paused' } })
    await world.captions.reconcile()
    expect(world.badges.get(1)?.sign).toBe('popup_badge_paused')
    expect(world.balanceMoves).toBe(1)
  })

  it('that is none for the credits leaves the balance alone', async () => {
    const world = browser()
    world.engine.run({ secondsLeft: 50 })
    world.tabs = [tabOf({ secondsLeft: 60 })]
    await world.captions.reconcile()
    expect(world.balanceMoves).toBe(0)
  })

  it('can not make a late look prevail over a newer one', async () => {
    const world = browser()
    world.engine.run({ state: { name: 'starting' } })
    let answer: () => void = () => undefined
    world.engine.looking = new Promise<void>(resolve => {
      answer = resolve
    })
    const late = world.captions.reconcile()
    await Promise.resolve()
    world.engine.views = [viewOf({ state: { name: 'live' } })]
    const newer = world.captions.reconcile()
    await new Promise(resolve => setTimeout(resolve))
    answer()
    await Promise.all([late, newer])
    expect(world.tabs[0]?.view.state.name).toBe('live')
  })
})

describe('an offscreen document that died', () => {
  it('is noticed: captions were broken off, and what it left open is ended', async () => {
    const world = browser()
    await world.captions.start(here)
    world.engine.die()
    await world.captions.begun()
    expect(world.tabs[0]?.view.state).toEqual({ name: 'ended', reason: 'broken_off' })
    expect(world.badges.get(1)?.title).toEqual(['popup_ended_broken_off'])
    expect(world.recoveries).toBe(1)
  })

  it('is noticed where captions had been paid for and were still connecting', async () => {
    const world = browser()
    world.engine.beginsAs = { name: 'starting' }
    await world.captions.start(here)
    world.engine.die()
    await world.captions.begun()
    expect(world.badges.get(1)?.title).toEqual(['popup_ended_broken_off'])
  })

  it('is told of once', async () => {
    const world = browser()
    await world.captions.start(here)
    world.engine.die()
    await world.captions.reconcile()
    await world.captions.reconcile()
    expect(world.recoveries).toBe(1)
  })

  it('is not looked for where nothing ran', async () => {
    const world = browser()
    world.engine.run({})
    await world.captions.begun()
    expect(world.tabs).toEqual([])
  })
})

describe('a browser that is new', () => {
  it('has what an earlier one left open ended, once', async () => {
    const world = browser()
    world.isKnown = undefined
    await world.captions.begun()
    await world.captions.begun()
    expect(world.recoveries).toBe(1)
    expect(world.isWatched).toBe(false)
  })

  it('is looked after again in a minute where that failed', async () => {
    const world = browser()
    world.isKnown = undefined
    world.engine.looking = Promise.reject(new Error('not now'))
    await expect(world.captions.begun()).rejects.toThrow('not now')
    expect(world.isWatched).toBe(true)
    await world.captions.lookAfter()
    expect(world.recoveries).toBe(1)
  })

  it('has the backend asked each minute while something is left open there', async () => {
    const world = browser()
    world.isKnown = undefined
    world.leftOpen = { own: 1, others: 0 }
    await world.captions.begun()
    expect(world.isWatched).toBe(true)
  })

  it('has nobody ask each minute for what only another account can have ended', async () => {
    const world = browser()
    world.isKnown = undefined
    world.leftOpen = { own: 0, others: 1 }
    await world.captions.begun()
    expect(world.isWatched).toBe(false)
  })
})

describe('each minute', () => {
  it('the offscreen document is left alone while captions run', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.lookAfter()
    expect(world.engine.isOpen).toBe(true)
    expect(world.isWatched).toBe(true)
  })

  it('it is closed where none do, and nobody looks any more', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.stop(1)
    await world.captions.lookAfter()
    expect(world.engine.isOpen).toBe(false)
    expect(world.isWatched).toBe(false)
  })

  it('is counted from when the last captions ended', async () => {
    const world = browser()
    await world.captions.start(here)
    const before = world.watchBegun
    await world.captions.stop(1)
    expect(world.watchBegun).toBe(before + 1)
  })

  it('the backend is asked again while something is left open there', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.stop(1)
    world.leftOpen = { own: 1, others: 0 }
    await world.captions.lookAfter()
    expect(world.isWatched).toBe(true)
    world.leftOpen = { own: 0, others: 0 }
    await world.captions.lookAfter()
    expect(world.isWatched).toBe(false)
  })

  it('how captions ended stays on the screen when the document is closed', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.stop(1)
    await world.captions.lookAfter()
    await world.captions.reconcile()
    expect(world.tabs[0]?.view.state).toEqual({ name: 'ended', reason: 'stopped' })
  })
})

describe('a tab', () => {
  it('that closes ends its captions and is forgotten', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.tabClosed(1)
    expect(world.engine.ended).toEqual([[1, 'tab_closed']])
    expect(world.tabs).toEqual([])
  })

  it('without captions that closes is nobody’s business', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.tabClosed(2)
    expect(world.engine.ended).toEqual([])
  })

  it('that loads another page gets the overlay again', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.pageLoaded(1)
    expect(world.overlays).toEqual([1, 1])
  })

  it('whose captions have ended gets none', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.stop(1)
    await world.captions.pageLoaded(1)
    expect(world.overlays).toEqual([1])
  })

  it('that loads another page has no problem any more', async () => {
    const world = browser()
    world.lastProblem = { tabId: 1, problem: problem('page_refused').view }
    await world.captions.pageLoaded(1)
    expect(world.lastProblem).toBeUndefined()
  })
})

describe('a popup that opens', () => {
  it('takes away the mark of what the listener now sees', async () => {
    const world = browser()
    world.tabs = [tabOf({ state: { name: 'ended', reason: 'failed' } })]
    world.lastProblem = { tabId: 1, problem: problem('offline').view }
    await world.captions.popupOpened(1)
    expect(world.badges.get(1)?.sign).toBeUndefined()
    expect(world.lastProblem).toBeUndefined()
  })

  it('leaves the marks of other tabs', async () => {
    const world = browser()
    world.tabs = [tabOf({ state: { name: 'ended', reason: 'failed' } })]
    await world.captions.popupOpened(2)
    expect(world.badges.get(1)?.sign).toBe('popup_badge_problem')
  })

  it('shows that captions were broken off, though nobody has told', async () => {
    const world = browser()
    await world.captions.start(here)
    world.engine.die()
    await world.captions.popupOpened(1)
    expect(world.tabs[0]?.view.state).toEqual({ name: 'ended', reason: 'broken_off' })
  })

  it('has the overlay put on a page that did not let it before the click', async () => {
    const world = browser()
    world.refusesOverlay.add(1)
    await world.captions.start(here)
    world.refusesOverlay.clear()
    await world.captions.popupOpened(1)
    expect(world.tabs[0]?.overlayRefused).toBe(false)
  })

  it('does not put an overlay on a page that has it', async () => {
    const world = browser()
    await world.captions.start(here)
    await world.captions.popupOpened(1)
    expect(world.overlays).toEqual([1])
  })
})

describe('ending all captions', () => {
  it('ends those of every tab', async () => {
    const world = browser()
    world.engine.run({ sessionId: 'a', tabId: 1 })
    world.engine.run({ sessionId: 'b', tabId: 2, state: { name: 'paused' } })
    await world.captions.endAll('signed_out')
    expect(world.engine.ended).toEqual([
      [1, 'signed_out'],
      [2, 'signed_out'],
    ])
  })

  it('ends those that are about to start as well', async () => {
    const world = browser()
    const { begin, starting } = await slowStart(world)
    const ended = world.captions.endAll('signed_out')
    begin()
    await Promise.all([ended, starting])
    expect(world.engine.ended).toEqual([[1, 'signed_out']])
  })

  it('goes on where it takes long', async () => {
    const world = browser()
    world.engine.run({})
    world.engine.ending = new Promise(() => undefined)
    await world.captions.endAll('signed_out')
    expect(world.engine.ended).toEqual([[1, 'signed_out']])
  })

  it('goes on where it fails', async () => {
    const world = browser()
    world.engine.run({})
    world.engine.ending = Promise.reject(new Error('gone'))
    await expect(world.captions.endAll('signed_out')).resolves.toBeUndefined()
  })
})

describe('consent that is withdrawn', () => {
  it('ends captions that run, and those that were about to', async () => {
    const world = browser()
    const { begin, starting } = await slowStart(world)
    const withdrawn = world.captions.consentWithdrawn()
    begin()
    await Promise.all([withdrawn, starting])
    expect(world.engine.ended).toEqual([[1, 'stopped']])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['takes long', () => new Promise(() => undefined)],
    ['fails', () => Promise.reject(new Error('gone'))],
  ])('has the document closed where ending them %s', async (_, ending) => {
    const world = browser()
    await world.captions.start(here)
    world.engine.ending = ending()
    await world.captions.consentWithdrawn()
    expect(world.engine.isOpen).toBe(false)
    expect(world.tabs[0]?.view.state).toEqual({ name: 'ended', reason: 'broken_off' })
    expect(world.recoveries).toBe(1)
  })
})

it('tells the overlays of running captions alone that how they look has changed', async () => {
  const world = browser()
  world.tabs = [tabOf(), tabOf({ tabId: 2, state: { name: 'ended', reason: 'stopped' } })]
  await world.captions.nudgeOverlays()
  expect(world.nudged).toEqual([1])
})
