/** Small beside any body that matters, and large beside what an array costs. */
const blockBytes = 65_536

/**
 * A body as it comes in, put into blocks of one size: it is never held twice, as a concatenation would, nor in
 * the thousands of crumbs that a server may send it in.
 */
export class BodyBlocks {
  readonly #blocks: Uint8Array[] = []
  #free = new Uint8Array(0)

  add(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.byteLength; ) {
      const free = this.#freeBytes()
      const piece = chunk.subarray(offset, offset + free.byteLength)
      free.set(piece)
      this.#free = free.subarray(piece.byteLength)
      offset += piece.byteLength
    }
  }

  /** All that was added. */
  filled(): readonly Uint8Array[] {
    const last = this.#blocks.at(-1)
    if (last === undefined) return []
    return [...this.#blocks.slice(0, -1), last.subarray(0, last.byteLength - this.#free.byteLength)]
  }

  #freeBytes(): Uint8Array<ArrayBuffer> {
    if (this.#free.byteLength === 0) {
      this.#free = new Uint8Array(blockBytes)
      this.#blocks.push(this.#free)
    }
    return this.#free
  }
}
