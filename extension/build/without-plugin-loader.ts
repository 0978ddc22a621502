interface PageTransform {
  readonly name: string
  readonly enforce: 'post'
  readonly transformIndexHtml: { readonly order: 'pre'; handler(html: string): string }
}

const loader = /<script\b[^>]*\bsrc="virtual:wxt-html-plugins"[^>]*><\/script>/

/** A plugin for Vite that takes the loader of WXT's plugins out of each page: there are none to load. */
export const withoutPluginLoader = (): PageTransform => ({
  name: 'without-plugin-loader',
  // After WXT has put it in, and before Vite makes a chunk of it.
  enforce: 'post',
  transformIndexHtml: { order: 'pre', handler: html => html.replace(loader, '') },
})
