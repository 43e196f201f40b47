#!/usr/bin/env bash
# prod: what stands in test moves to prod, the same bytes. Let a person approve this stage.
set -euo pipefail
cd "$(dirname "$0")/.."
ruska=${RUSKA:-ruska}

"$ruska" model promote @NAME@@test prod --reason "approved in the pipeline"
"$ruska" env diff test prod
"$ruska" audit verify
