"""The vendors of the demo: who they are, how large, and who signs in."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.permissions import Role

PASSWORD = "five minutes each"


@dataclass(frozen=True)
class Region:
    """`lift`: points its partners stand above or below the vendor's average."""

    key: str
    name: str
    countries: tuple[str, ...]
    share: int
    lift: int


@dataclass(frozen=True)
class Showcase:
    """A partner whose people sign in; the vendor's demo CAM looks after it."""

    name: str
    domain: str
    country: str
    town: str
    champion: str


@dataclass(frozen=True)
class Profile:
    """One vendor. `people` are those who sign in, by role; with `quarters` fiscal quarters of work behind it.

    `coverage` scales how many of the scorecards that were due were done.
    """

    schema: str
    name: str
    seed: str
    fiscal_start_month: int
    currency: str
    time_zone: str
    partners: int
    cams: int
    regions: tuple[Region, ...]
    holidays: Mapping[tuple[int, int], str]  # (month, day)
    rates: Mapping[str, str]  # currency: reporting currency for one unit
    people: Mapping[Role, str]
    showcases: tuple[Showcase, Showcase]
    quarters: int = 8
    coverage: float = 1.0

    @property
    def host(self) -> str:
        return f"{self.schema}.localhost"

    @property
    def domain(self) -> str:
        return f"{self.schema}.example"


ACME = Profile(
    schema="acme",
    name="Acme Networks",
    seed="acme 1",
    fiscal_start_month=1,
    currency="USD",
    time_zone="Europe/London",
    partners=400,
    cams=20,
    regions=(
        Region("north-america", "North America", ("US", "US", "CA"), 30, 3),
        Region("uk-ireland", "UK and Ireland", ("GB", "GB", "IE"), 22, 1),
        Region("europe", "Continental Europe", ("DE", "FR", "ES", "NL", "IT", "AT", "CH", "PL"), 24, 0),
        Region("nordics", "Nordics", ("SE", "DK", "NO", "FI"), 12, 6),
        Region("growth", "Growth markets", ("BR", "MX", "IN", "SG", "JP", "AU"), 12, -7),
    ),
    holidays={(1, 1): "New Year’s Day", (5, 1): "Labour Day", (12, 25): "Christmas Day", (12, 26): "Boxing Day"},
    rates={
        "EUR": "1.08", "GBP": "1.27", "CAD": "0.73", "CHF": "1.12", "SEK": "0.095", "DKK": "0.145", "NOK": "0.093",
        "PLN": "0.25", "BRL": "0.18", "MXN": "0.055", "INR": "0.012", "JPY": "0.0067", "SGD": "0.74", "AUD": "0.66",
    },
    people={
        Role.ADMIN: "Margarethe Olufsen",
        Role.OPERATIONS: "Tomasz Wieczorek",
        Role.CHIEF: "Rosalind Achebe",
        Role.CAM: "Daniel Ferreira",
        Role.MARKETING: "Saoirse Kavanagh",
        Role.DISTRIBUTOR: "Henrike Vogelsang",
    },
    showcases=(
        Showcase("Brightwater Managed IT Ltd", "brightwater.example", "GB", "Bristol", "Nia Prosser"),
        Showcase("Sømark Netværk A/S", "somark.example", "DK", "Aarhus", "Jeppe Østergaard"),
    ),
)  # fmt: skip

GLOBEX = Profile(
    schema="globex",
    name="Globex Software",
    seed="globex 1",
    fiscal_start_month=7,
    currency="EUR",
    time_zone="Europe/Berlin",
    partners=40,
    cams=4,
    regions=(
        Region("dach", "DACH", ("DE", "DE", "AT", "CH"), 50, 2),
        Region("west", "France and Benelux", ("FR", "NL"), 30, 0),
        Region("south", "Southern Europe", ("ES", "IT"), 20, -5),
    ),
    holidays={
        (1, 1): "Neujahr",
        (5, 1): "Tag der Arbeit",
        (10, 3): "Tag der Deutschen Einheit",
        (12, 25): "Weihnachten",
    },
    rates={"USD": "0.93", "CHF": "1.04", "GBP": "1.17"},
    people={
        Role.ADMIN: "Ulrike Sommerfeld",
        Role.OPERATIONS: "Bastien Caron",
        Role.CHIEF: "Gesine Ahlers",
        Role.CAM: "Ilir Hoxha",
        Role.MARKETING: "Valentina Serra",
        Role.DISTRIBUTOR: "Olaf Brinkmann",
    },
    showcases=(
        Showcase("Lindenhof Systemhaus GmbH", "lindenhof.example", "DE", "Kassel", "Mirjam Töpfer"),
        Showcase("Atelier Réseaux SARL", "atelier-reseaux.example", "FR", "Nantes", "Clément Aubry"),
    ),
)

VENDORS = (ACME, GLOBEX)
