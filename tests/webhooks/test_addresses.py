"""Nothing is sent into the network this server stands in, however an address is written or what its name resolves to."""

import ipaddress
import socket

import pytest

from prm.webhooks import addresses
from prm.webhooks.addresses import Refused

PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001:827::200e"]
OWN = [
    "0.0.0.0", "10.1.2.3", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "192.168.1.1", "100.100.100.200",
    "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "fe80::1", "fec0::1",
    "fd00:ec2::254", "ff02::1", "2001::7f00:1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "100::1", "fe80::1%eth0",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address):
    assert addresses.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OWN)
def test_addresses_of_no_stranger_are_not(address):
    assert not addresses.is_public(ipaddress.ip_address(address))


def test_an_operator_can_name_networks_of_its_own(settings):
    settings.WEBHOOKS_REFUSED = [ipaddress.ip_network("93.184.216.0/24"), ipaddress.ip_network("2606:4700::/32")]
    assert not addresses.is_public(ipaddress.ip_address("93.184.216.34"))
    assert not addresses.is_public(ipaddress.ip_address("2606:4700:4700::1111"))
    assert addresses.is_public(ipaddress.ip_address("8.8.8.8"))


@pytest.mark.parametrize(
    "url",
    [
        "", "crm.example", "ftp://crm.example/", "file:///etc/passwd", "https://", "https:///x", "https://crm example/",
        "https://crm.example:0/", "https://crm.example:99999/", "https://crm.example/\r\nX: y", "https://crm.example/é",
        "https://user:pass@crm.example/", "https://user@crm.example/", "http://crm.example/", "https://[::1/", "https://a..b/",
        "https://" + "a" * 600, "https://localhost/", "https://api.localhost./", "https://127.0.0.1/", "https://[::1]:8443/",
        "https://169.254.169.254/latest/meta-data/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_what_is_no_address_to_send_to_is_refused(url):
    with pytest.raises(Refused):
        addresses.parse(url)


def test_an_address_is_taken_apart():
    plain = addresses.parse("https://crm.example/hooks?team=1#part")
    assert (plain.host, plain.port, plain.path, plain.authority) == ("crm.example", 443, "/hooks?team=1", "crm.example")
    other = addresses.parse("https://bücher.example:8443")
    assert (other.path, other.authority) == ("/", "xn--bcher-kva.example:8443")
    assert addresses.parse("https://[2606:4700::1]:8443/").authority == "[2606:4700::1]:8443"


def answering(monkeypatch, *found: str) -> list[str]:
    """The world's name servers say this; gives what was asked of them."""
    asked: list[str] = []

    def lookup(host, port, *args, **kwargs):
        asked.append(host)
        family = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [(family[ipaddress.ip_address(ip).version], socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return asked


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["2606:4700::1", "::1"], ["169.254.169.254"]]
)
def test_a_name_that_leads_into_the_own_network_is_refused_as_a_whole(monkeypatch, found):
    answering(monkeypatch, *found)
    with pytest.raises(Refused):
        addresses.resolve(addresses.parse("https://crm.example/"))


def test_a_public_name_gives_the_addresses_to_connect_to(monkeypatch):
    answering(monkeypatch, "8.8.8.8", "2606:4700::1", "8.8.8.8")
    assert addresses.resolve(addresses.parse("https://crm.example/")) == ["8.8.8.8", "2606:4700::1"]


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_other_ways_to_write_a_number_are_seen_through(host):
    """The real resolver reads them as the address they stand for."""
    with pytest.raises(Refused):
        addresses.resolve(addresses.parse(f"https://{host}/"))


def test_http_is_for_ones_own_machine(settings):
    settings.WEBHOOKS_HTTP = True
    assert addresses.parse("http://crm.example/").port == 80
    with pytest.raises(Refused):
        addresses.parse("http://127.0.0.1/")
