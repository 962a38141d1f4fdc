"""Decide which addresses may be fetched: the public web's, and the networks that config allows."""

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network

WEB_PORTS = frozenset({80, 443, 8080, 8443})
LONGEST_ADDRESS = 2_048

_GLOBAL_UNICAST = ip_network("2000::/3")
# Special-purpose blocks that ipaddress.is_global calls global, in some Python at least, and the
# one public address at which a cloud (Azure) answers its own machines.
_SPECIAL_V4 = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))
_SPECIAL_V6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))


class BadAddress(ValueError):
    """Not an http(s) address that can be fetched; the message says why."""


class RefusedAddress(OSError):
    """The host is not on the public internet and in no allowed network."""


class RefusedPort(OSError):
    """The host is public, but the port is not one of the web's."""


def is_public(address: str) -> bool:
    """True for an address that anybody on the internet could be meant by.

    Private, loopback, link-local, multicast, reserved and metadata addresses are not, nor are
    IPv6 forms that stand for an IPv4 address (mapped, NAT64, 6to4, Teredo).
    """
    found = ip_address(address.split("%", 1)[0])
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _SPECIAL_V4)
    return found in _GLOBAL_UNICAST and not any(found in network for network in _SPECIAL_V6)


@dataclass(frozen=True)
class Guard:
    """The last word on every connection: called with the address that is about to be dialled."""

    allow: Sequence[Network] = ()

    def check(self, address: str, port: int) -> None:
        """Raise RefusedAddress or RefusedPort. Allowed networks may use any port.

        The messages name no address: whoever adds a feed must not learn from them where
        internal names lead.
        """
        found = ip_address(address.split("%", 1)[0])
        if any(found in network for network in self.allow):
            return
        if not is_public(address):
            raise RefusedAddress(errno.EACCES, "the host is not on the public internet")
        if port not in WEB_PORTS:
            raise RefusedPort(errno.EACCES, "the port is not one of the web's")

    def open_socket(self, info: tuple[Any, ...]) -> socket.socket:
        """A socket for one entry of getaddrinfo(), or the exceptions of `check`."""
        family, kind, protocol, _, where = info
        self.check(where[0], where[1])
        return socket.socket(family, kind, protocol)


def web_address(text: str) -> SplitResult:
    """The parts of an absolute http(s) address with a host and no user name.

    Raises BadAddress.
    """
    if len(text) > LONGEST_ADDRESS:
        raise BadAddress("the address is too long")
    try:
        parts = urlsplit(text.strip())
        port_is_fine = parts.port != 0  # reading it raises for what is no port
    except ValueError as error:
        raise BadAddress("the address is malformed") from error
    if parts.scheme not in {"http", "https"}:
        raise BadAddress("only http and https addresses can be fetched")
    if not parts.hostname or not port_is_fine or "\\" in parts.netloc:
        raise BadAddress("the address is malformed")
    if "@" in parts.netloc:
        raise BadAddress("the address holds a user name or a password")
    return parts
