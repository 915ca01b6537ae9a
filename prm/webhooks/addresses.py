"""Where messages may go: to addresses of the public internet, never into the network this server stands in.

Who enters an address makes this server connect to it. So every address a name resolves to is looked at, one that isn't public
refuses the whole, and the connection is made to the very address looked at: a second DNS answer is never asked for.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST = 500
# What counts as global, and still is no stranger's: relays into other networks, and hosts of clouds that answer from inside.
REFUSED_V4 = [ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")]
PUBLIC_V6 = ipaddress.ip_network(
    "2000::/3"
)  # all that is given out; mapped, NAT64, local and multicast addresses are outside
REFUSED_V6 = [ipaddress.ip_network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


class Refused(Exception):
    """Nothing is sent there; the message says why."""


@dataclass(frozen=True)
class Target:
    """The parts of an address. `host` is a name in ASCII or an IP address without brackets; `path` has its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS = {"https": 443, "http": 80}


def parse(url: str) -> Target:
    """The parts of an address somebody entered. Raises Refused: not one, not https, with a password, or plainly not public."""
    if len(url) > LONGEST or not url.isprintable() or any(char.isspace() for char in url):
        raise Refused(_("This is not an address of the web."))
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode() if parts.hostname else "", parts.port
    except (ValueError, UnicodeError) as error:
        raise Refused(_("This is not an address of the web.")) from error
    if parts.scheme not in _PORTS or not host or port == 0:
        raise Refused(_("This is not an address of the web."))
    if parts.scheme == "http" and not (settings.WEBHOOKS_HTTP or settings.WEBHOOKS_OWN_NETWORK):
        raise Refused(_("The address has to begin with https://, so that nobody on the way can read what is sent."))
    if parts.username is not None or parts.password is not None:
        raise Refused(_("An address with a name or password in it isn’t used: messages are signed instead."))
    path = parts.path or "/"
    if not (path + parts.query).isascii():
        raise Refused(_("Write letters beyond a–z in the path in their %-form."))
    target = Target(parts.scheme, host, port or _PORTS[parts.scheme], f"{path}?{parts.query}" if parts.query else path)
    literal = _literal(host)
    if host.rstrip(".").endswith("localhost") or (literal is not None and not is_public(literal)):
        _refuse_own()
    return target


def resolve(target: Target) -> list[str]:
    """The addresses to connect to. Raises Refused where any of them isn't public, OSError where there is none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(is_public(ipaddress.ip_address(address)) for address in addresses):
        _refuse_own()
    return addresses


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, as far as numbers tell."""
    if any(address.version == net.version and address in net for net in settings.WEBHOOKS_REFUSED):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        odd = address.is_multicast or address.is_reserved or any(address in net for net in REFUSED_V4)
        return address.is_global and not odd
    if address.scope_id or address not in PUBLIC_V6:
        return False
    return address.is_global and not any(address in net for net in REFUSED_V6)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refuse_own() -> None:
    """The one gap: tests and one's own machine, where the receiver stands in the same network."""
    if not settings.WEBHOOKS_OWN_NETWORK:
        raise Refused(_("This address is not on the public internet. Nothing is sent there."))
