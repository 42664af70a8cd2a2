"""What clouds and Pulumi say when something fails, in sentences for the reader. It asks nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from province.errors import Place, ZyError


@dataclass(frozen=True, slots=True)
class Known:
    """A failure that we can explain. ``message`` may use the pattern's named groups."""

    code: str
    pattern: re.Pattern[str]
    message: str
    fix: str


_URL = r"(?:\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD) )?\"?(?P<url>https?://[^\s\"\]]+)"

_KNOWN = (
    Known(
        "ZY-CLD-020",
        re.compile(_URL + r".*?(?:connection refused|no such host|no route to host|EOF|connection reset)", re.DOTALL),
        "the cloud does not answer at {url}",
        "see that the service runs (in the lab: `zy lab status`), then `zy resume`",
    ),
    Known(
        "ZY-CLD-024",
        re.compile(r"(?:i/o timeout|context deadline exceeded|timeout while waiting|Client\.Timeout)"),
        "the cloud was too slow to answer",
        "see how loaded the cloud is, then `zy resume`",
    ),
    Known(
        "ZY-CLD-021",
        re.compile(_URL + r"\]?,? but got (?P<status>5\d\d) instead", re.DOTALL),
        "the cloud failed with {status} on {method} {url}",
        "look into that service's log, then `zy resume`",
    ),
    Known(
        "ZY-CLD-082",
        re.compile(r"resource '(?P<id>[^']+)' does not exist"),
        "what the inventory adopts is not in the cloud any more: {id}",
        "take the object with that `id` out of the adopted project, or put it back into the cloud",
    ),
    Known(
        "ZY-CLD-076",
        re.compile(r"Quota limit (?P<limit>\d+) for (?P<what>\w+) must be greater than or equal to already used"),
        "a project uses more {what} than its new quota of {limit}",
        "see what nobody declared (`zy cloud inventory --undeclared`); remove or declare it, then plan again",
    ),
    Known(
        "ZY-CLD-023",
        re.compile(r"(?i)quota exceeded|OverQuota|exceeded for quota"),
        "a quota of the project is used up",
        "things that we did not make may use it; remove them, or declare more and apply again",
    ),
    Known(
        "ZY-CLD-084",
        re.compile(r"Cannot allocate requested subnet from the available set of prefixes"),
        "a prefix of the address plan is taken already in its subnet pool",
        "see whose it is (`openstack subnet list --subnet-pool POOL`) and have it moved, then `zy resume`",
    ),
    Known(
        "ZY-CLD-087",
        re.compile(r"availability zone of the host would change from '(?P<old>[^']*)' to '(?P<new>[^']*)'"),
        "a host would change its availability zone (from {old} to {new}), and servers stand on it",
        "move them away (`openstack server list --all-projects --host HOST`), then `zy resume`",
    ),
    Known(
        "ZY-CLD-022",
        re.compile(r"(?:Authentication failed|got 40[13] instead|The request you have made requires authentication)"),
        "the cloud refuses the account",
        "see that the account of clouds.yaml is right and holds the role admin",
    ),
    Known(
        "ZY-CLD-025",
        re.compile(r"got 409 instead"),
        "the cloud says that it conflicts with what is there already",
        "look at what has the same name or address; rename or remove it, then `zy resume`",
    ),
    Known(
        "ZY-CLD-026",
        re.compile(r"(?:stack is currently locked|is currently locked by)"),
        "another operation works on the stack",
        "wait until it has ended, then `zy resume`",
    ),
)

_OURS = re.compile(r"\b(?P<code>ZY-[A-Z]{3}-\d{3}): (?P<message>.*); (?P<fix>[^;]+)$", re.DOTALL)
"""What our own programs say; see ``stacks.program``."""

_SERVER = re.compile(r"(?:No valid host|status=ERROR|unexpected state 'ERROR')")


def explain(stack: str, errors: Sequence[str], output: str = "") -> ZyError:
    """The first error that says something, as one for the reader. Falls back to ``ZY-CLD-029`` with its own words."""
    told = [error for error in errors if not _is_echo(error)] or [line for line in output.splitlines() if line.strip()]
    text = told[0] if told else "pulumi failed and did not say why"
    for error in told:
        ours = _OURS.search(error.strip())
        if ours:
            return ZyError(ours["code"], ours["message"], place=Place(target=stack), fix=ours["fix"])
        for known in _KNOWN:
            found = known.pattern.search(error)
            if found:
                return _error(stack, known, found, error)
    if _SERVER.search(text):
        return ZyError(
            "ZY-CLD-027",
            f"a server did not start: {_short(text)}",
            place=Place(target=stack),
            fix="see whether the region has a compute host with room for the flavor, then `zy resume`",
        )
    return ZyError(
        "ZY-CLD-029",
        _short(text),
        place=Place(target=stack),
        fix="mend what it says, then `zy resume`",
    )


@contextmanager
def asking(region: str) -> Iterator[None]:
    """Around questions to a region's services: what ``openstacksdk`` raises becomes ``ZY-CLD-020``."""
    try:
        yield
    except (SDKException, ClientException, OSError) as error:
        raise ZyError(
            "ZY-CLD-020",
            f"the cloud does not answer: {_short(str(error) or type(error).__name__)}",
            place=Place(target=f"region-{region}"),
            fix="see that its services run (in the lab: `zy lab status`), and ask again",
        ) from error


def _error(stack: str, known: Known, found: re.Match[str], text: str) -> ZyError:
    words = {key: value or "" for key, value in found.groupdict().items()}
    message = known.message.format(**words) if words else known.message
    return ZyError(known.code, f"{message} ({_short(text)})", place=Place(target=stack), fix=known.fix)


def _is_echo(error: str) -> bool:
    """Lines in which Pulumi only says that something else failed."""
    return error.strip() in ("update failed", "preview failed", "refresh failed", "") or error.startswith(
        ("an unhandled error occurred: Program exited", "resource registration failed", "step application failed")
    )


def _short(text: str) -> str:
    line = re.sub(r"sdk-v2/provider2\.go:\d+: (?:sdk\.helper_schema: )?", "", " ".join(text.split()))
    return line if len(line) <= 300 else f"{line[:299]}…"
