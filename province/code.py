"""Codes: the short names that identify things everywhere (files, clouds, hosts, routers, labels)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

CODE_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
CODE_LENGTH = 24
CODE_WORDS = "lower-case letters, digits and single hyphens, a letter first, at most 24 characters"

Code = Annotated[str, Field(pattern=CODE_PATTERN, max_length=CODE_LENGTH)]
"""Fits an OpenStack tag, a Linux host name label and a Pulumi stack name at once."""

DivisionCode = Annotated[str, Field(pattern=r"^[1-9]\d{5}$")]
"""Administrative division, six digits (GB/T 2260, 行政区划代码)."""


def is_code(text: str) -> bool:
    """Whether ``text`` follows the grammar of :data:`Code`."""
    return len(text) <= CODE_LENGTH and re.fullmatch(CODE_PATTERN, text) is not None
