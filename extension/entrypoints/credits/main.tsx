import { render } from 'preact'

const app = document.getElementById('app')
if (app) render(<h1>credits</h1>, app)
