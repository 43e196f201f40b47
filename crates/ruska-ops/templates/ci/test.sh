#!/usr/bin/env bash
# test: what stands in dev is measured on the data of the test environment and moves there, the same
# bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
ruska=${RUSKA:-ruska}

"$ruska" evaluate @NAME@@dev @TEST_SH@
"$ruska" model promote @NAME@@dev test --reason "passed in dev and measured in test"
