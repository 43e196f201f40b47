"""Signatures of webhooks by the standard's own library.

    pip install standardwebhooks==1.1.0
    python tests/reference/webhooks.py > tests/reference/webhooks.json
"""

import base64
import datetime
import json

from standardwebhooks.webhooks import Webhook

CASES = [
    ("whsec_" + base64.b64encode(bytes(range(24))).decode(), "msg_1", 1_614_265_330, '{"test": 2432232314}'),
    ("whsec_" + base64.b64encode(b"\xff" * 64).decode(), "a" * 32, 0, ""),
    ("a secret that is plain text", "5f2c", 1_795_521_600, '{"reason":"ä → 🦀","a.b":"c.d"}'),
]


def main():
    out = []
    for secret, name, timestamp, body in CASES:
        # The library takes base64 alone; plain text is the key as it is.
        encoded = secret if secret.startswith("whsec_") else base64.b64encode(secret.encode()).decode()
        at = datetime.datetime.fromtimestamp(timestamp, tz=datetime.timezone.utc)
        signed = Webhook(encoded).sign(name, at, body)
        out.append({"secret": secret, "id": name, "timestamp": timestamp, "body": body, "signature": signed})
    print(json.dumps(out, indent=1, ensure_ascii=False))


main()
