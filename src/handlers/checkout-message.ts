/**
 * The script that tells the extension how Checkout ended, where a browser lets this page speak to it: a hint to
 * look at the balance, never proof of payment. The extension doesn't answer; the callback takes note of that.
 */
export const tellExtension = (extensionId: string, outcome: 'success' | 'cancelled'): string =>
  `globalThis.chrome?.runtime?.sendMessage?.(${JSON.stringify(extensionId)}, ${JSON.stringify({ type: 'checkout_ended', outcome })}, () => void chrome.runtime.lastError);`
