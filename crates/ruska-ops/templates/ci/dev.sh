#!/usr/bin/env bash
# dev: a model is made and compared with what stands in dev: promoted there, or declined, and what
# stands stays. Fails where the data break the contract, and where no model stands in dev at the end.
set -euo pipefail
cd "$(dirname "$0")/.."
ruska=${RUSKA:-ruska}

"$ruska" check @DEV_SH@ --contract contract.toml
"$ruska" job run jobs/dev.toml
"$ruska" model show @NAME@@dev
