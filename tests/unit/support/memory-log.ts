import type { Log, LogFields } from '../../../src/domain/ports.ts'

interface Line {
  readonly level: 'info' | 'error'
  readonly code: string
  readonly fields: LogFields
  readonly cause: unknown
}

/** The `Log` port in memory. */
export class MemoryLog implements Log {
  readonly lines: Line[] = []

  info(code: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', code, fields, cause: undefined })
  }

  error(code: string, fields: LogFields = {}, cause?: unknown): void {
    this.lines.push({ level: 'error', code, fields, cause })
  }

  codes(): string[] {
    return this.lines.map(line => line.code)
  }
}
