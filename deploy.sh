#!/usr/bin/env bash
# Deploys and looks after a stage: ./deploy.sh prod. docs/deploying.md has every command and step.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v node >/dev/null; then
  echo 'Node was not found: 20.19 or later is needed, from https://nodejs.org' >&2
  exit 1
fi
node scripts/setup.mjs --no-java
exec node scripts/run.mjs scripts/deploy/main.ts "$@"
