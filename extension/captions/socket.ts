/** What a socket tells. Nothing comes after `onClosed`, which is called once. */
export interface SocketListener {
  onMessage(data: unknown): void
  /** @param code 1006 where the line broke, or could not be had */
  onClosed(code: number, reason: string): void
}

/** A WebSocket, as far as captions need one. */
export interface Socket {
  /** Bytes that were given to `send` and have not left the computer. */
  readonly bufferedBytes: number
  /** Sends it; nothing happens where the socket is not open. */
  send(data: string | Int16Array<ArrayBuffer>): void
  close(): void
}

export type OpenSocket = (url: string, listener: SocketListener) => Socket

/** Opens a WebSocket of the browser. */
export const openWebSocket: OpenSocket = (url, listener) => {
  const socket = new WebSocket(url)
  socket.addEventListener('message', ({ data }) => listener.onMessage(data))
  socket.addEventListener('close', ({ code, reason }) => listener.onClosed(code, reason), { once: true })
  return {
    get bufferedBytes() {
      return socket.bufferedAmount
    },
    send: data => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
    },
    close: () => socket.close(),
  }
}
