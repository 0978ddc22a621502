import { readdir } from 'node:fs/promises'
import { extname } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import type { Command } from '../commands.ts'
import { dashboardPage } from './page.ts'
import type { Part } from './parts.ts'

/** What the page shows. */
export interface DashboardOptions {
  parts: Part[]
  /** What to do to see captions in a browser. */
  extensionSteps: string[]
  commands: Command[]
  /** Directory of the sample recordings. */
  fixturesDir: string
  stateDir: string
  logFile: string
}

const audioExtensions = ['.wav', '.mp3', '.m4a', '.webm', '.ogg', '.flac']

/**
 * The page at `/` that shows everything `npm start` runs, `GET /local/status` with which it looks at each part,
 * and the sample recordings under `/local/samples/`.
 */
export const dashboard: FastifyPluginAsync<DashboardOptions> = async (app, options) => {
  const files = await readdir(options.fixturesDir)
  const samples = files.filter(file => audioExtensions.includes(extname(file))).sort()

  app.get('/', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(dashboardPage({ ...options, samples })),
  )
  app.get('/local/status', async () => ({
    parts: await Promise.all(options.parts.map(async part => ({ id: part.id, ...(await part.check()) }))),
  }))
  await app.register(fastifyStatic, {
    root: options.fixturesDir,
    prefix: '/local/samples/',
    index: false,
    allowedPath: path => samples.includes(path.slice(1)),
  })
}
