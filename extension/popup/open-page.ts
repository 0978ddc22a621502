type PagePath = '/credits.html' | '/welcome.html'

/** Opens a page of the extension in a tab, beside the one that the popup is open in. */
export async function openPage(path: PagePath): Promise<void> {
  await chrome.tabs.create({ url: chrome.runtime.getURL(path) })
}
