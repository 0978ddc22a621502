import './theme.css'
import { type ComponentChild, render } from 'preact'
import { type TextKey, text, textLanguage } from './text.ts'

/** Puts a page on the screen, with its title and language. */
export function mount(page: ComponentChild, title: TextKey): void {
  document.title = text(title)
  document.documentElement.lang = textLanguage()
  const app = document.getElementById('app')
  if (app) render(page, app)
}
