#!/usr/bin/env bash
# dev: a model is made, compared with what stands in dev, and promoted there or declined.
# A model that is declined ends with exit code 3, and so does the pipeline.
set -euo pipefail
cd "$(dirname "$0")/.."
ruska=${RUSKA:-ruska}

"$ruska" job run jobs/dev.toml --strict
