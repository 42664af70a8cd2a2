"""A few lines of OpenStack client: a token, GET and POST of JSON. No SDK: a status must cost milliseconds."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

_ANSWER_WITHIN = 30.0  # s


@dataclass(frozen=True, slots=True)
class Api:
    """One administrator's session."""

    keystone_url: str
    token: str
    project: str

    def get(self, url: str) -> Any:
        return self.send("GET", url)

    def send(self, method: str, url: str, body: Any = None) -> Any:
        """One request; the parsed answer (None without one). Raises OSError, also urllib's HTTPError."""
        return _request(method, url, body, {"X-Auth-Token": self.token})[1]


def login(keystone_url: str, password: str) -> Api:
    """Get a token of the administrator for the project ``admin``. Raises OSError, also urllib's HTTPError."""
    default = {"id": "default"}
    body = {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {"user": {"name": "admin", "domain": default, "password": password}},
            },
            "scope": {"project": {"name": "admin", "domain": default}},
        }
    }
    headers, answer = _request("POST", f"{keystone_url}/auth/tokens", body, {})
    return Api(keystone_url, headers["X-Subject-Token"], answer["token"]["project"]["id"])


def _request(method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[dict[str, str], Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": "application/json", "Accept": "application/json", **headers}, method=method
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_WITHIN) as answer:
        text = answer.read()
        return dict(answer.headers), json.loads(text) if text else None
