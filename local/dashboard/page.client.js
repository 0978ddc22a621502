const intervalMs = 3000
const summary = document.getElementById('summary')

function show(element, state, text) {
  element.dataset.state = state
  // Readers of a screen are told of a change only.
  if (element.textContent !== text) element.textContent = text
}

async function look() {
  let parts
  try {
    const response = await fetch('/local/status', { signal: AbortSignal.timeout(15000) })
    parts = (await response.json()).parts
  } catch {
    show(summary, 'down', 'Not running. Start it again: npm start')
    for (const state of document.querySelectorAll('.state')) show(state, 'unknown', 'unknown')
    return
  }
  for (const part of parts) {
    const state = document.querySelector(`[data-part="${part.id}"] .state`)
    if (state) show(state, part.state, part.detail)
  }
  const up = parts.filter(part => part.state === 'up').length
  if (up === parts.length) show(summary, 'up', 'Everything answers')
  else show(summary, 'down', `${up} of ${parts.length} parts answer`)
}

async function lookAgainAndAgain() {
  if (!document.hidden) await look()
  setTimeout(lookAgainAndAgain, intervalMs)
}

for (const button of document.querySelectorAll('[data-copy]')) {
  button.addEventListener('click', async () => {
    const command = document.getElementById(button.dataset.copy)
    try {
      await navigator.clipboard.writeText(command.textContent)
      button.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(command)
      button.textContent = 'Selected'
    }
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 2000)
  })
}

lookAgainAndAgain()
