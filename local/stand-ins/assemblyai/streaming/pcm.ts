import type { SessionSettings } from './settings.ts'

/** Turns the bytes of audio messages into samples between -1 and 1. */
export function decodePcm(bytes: Buffer, encoding: SessionSettings['encoding']): Float32Array {
  return encoding === 'pcm_mulaw' ? Float32Array.from(bytes, decodeMulaw) : decode16Bit(bytes)
}

/** How many bytes one sample has. */
export function bytesPerSample(encoding: SessionSettings['encoding']): number {
  return encoding === 'pcm_mulaw' ? 1 : 2
}

function decode16Bit(bytes: Buffer): Float32Array {
  return Float32Array.from(
    { length: Math.floor(bytes.length / 2) },
    (_, index) => bytes.readInt16LE(index * 2) / 32_768,
  )
}

/** ITU-T G.711: a sign, three bits of exponent and four of mantissa, all inverted. */
function decodeMulaw(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 3) + 0x84) << ((code >> 4) & 0x07)) - 0x84
  return (code & 0x80 ? -magnitude : magnitude) / 32_768
}
