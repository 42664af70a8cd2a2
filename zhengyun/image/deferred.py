"""What an image cannot hold, since only a server's place decides it. Pure."""

from __future__ import annotations

from types import MappingProxyType

_PLACE = "not in an image: it depends on the server's place, and the first `zy apply` on the server sets it"

DEFERRED = MappingProxyType(
    {
        "hst-time": f"{_PLACE} (time sources)",
        "hst-log-transport": f"{_PLACE} (log servers, certificate)",
        "hst-audit-forwarded": f"{_PLACE} (log servers)",
        "hst-log-service": f"{_PLACE} (certificate)",
        "hst-log-retention": f"{_PLACE} (with the log service)",
        "hst-log-arrival": f"{_PLACE} (who sends)",
        "hst-malware": "not in an image: signatures must be of the last week, and an image is older; the timer is set",
    }
)
"""Controls that an image does not follow, each with its reason. They are told as waived, never as passed."""

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Where ssh may come from until a server has its place: addresses that the Internet does not carry (RFC 1918, 4193)."""

METADATA = ("169.254.169.254/32",)
"""Nova's metadata service, which a server may ask besides (OpenStack Compute, *Metadata service*)."""
