"""Keys and passwords in configurations: what a router shows of them stays with the router.

VRP and Comware show passwords encrypted, some of them reversibly. Neither a plan nor a copy, a log or an error needs
them: it is enough to see that one has changed. So a value is replaced with a digest of what the router shows.
"""

from __future__ import annotations

import hashlib
import re

_KIND = r"(?:irreversible-cipher|cipher|simple|hash|plain|md5|hmac-sha256|community (?:read|write))"
_SECRET = re.compile(
    r"^(?P<head>(?! *(?:description|header|remark) ).*?)"
    rf"(?P<kind>\b{_KIND}(?: {_KIND})*) (?!\[secret|{_KIND} )(?P<value>\S+)",
    re.MULTILINE,
)
_MARK = re.compile(r"\[secret [0-9a-f]{8}\]")


def masked(text: str) -> str:
    """The text with every secret replaced with a mark of its own: equal secrets, equal marks."""
    return _SECRET.sub(lambda found: f"{found['head']}{found['kind']} [secret {_digest(found['value'])}]", text)


def is_masked(line: str) -> bool:
    """Whether a line holds a mark, so that it cannot be entered as it stands."""
    return _MARK.search(line) is not None


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:8]
