import { formatLanguage } from '../../ui/text.ts'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** An amount of storage in words, as "1.2 MB". */
export function byteSize(bytes: number, language = formatLanguage()): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumSignificantDigits: 3,
  }).format(bytes / 1_000 ** power)
}
