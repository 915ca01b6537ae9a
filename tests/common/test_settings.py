"""The settings pages: what they take, what they refuse and how they explain it."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from PIL import Image

from accounts.permissions import Role
from prm.common import accent, actions
from prm.common.models import AuditEntry, CurrencyRate, Holiday, Policy, VendorSettings
from prm.common.rag import Thresholds
from prm.common.vendor import thresholds, today

GENERAL = {
    "name": "Acme Corp", "reporting_currency": "EUR", "fiscal_start_month": "7", "time_zone": "Europe/Berlin",
    "opens_at": "08:30", "closes_at": "17:15", "accent": "#ffcc00",
}  # fmt: skip


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


@pytest.fixture
def client(admin, client_for):
    return client_for(admin)


def settings() -> VendorSettings:
    return VendorSettings.objects.get()


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 422
    return {name: list(map(str, found)) for name, found in response.context["form"].errors.items()}


def test_general_settings_are_saved_used_and_on_record(client):
    assert client.post("/settings/general/", GENERAL).status_code == 302
    saved = settings()
    assert (saved.name, saved.reporting_currency, saved.fiscal_start_month) == ("Acme Corp", "EUR", 7)
    assert (saved.opens_at, saved.closes_at) == (dt.time(8, 30), dt.time(17, 15))
    page = client.get("/settings/general/").content.decode()
    assert "Acme Corp" in page
    assert 'value="08:30"' in page
    assert "1.5:1" in page, "how readable the colour is"
    assert client.get("/theme.css").content == b":root{--accent-own:#ffcc00;}"
    entry = AuditEntry.objects.get(verb="settings.changed")
    assert entry.changes["name"] == ["Acme", "Acme Corp"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "red; } body { display: none"),
        ("accent", "#ffcc0"),
        ("reporting_currency", "XXX"),
        ("fiscal_start_month", "13"),
        ("time_zone", "Mars/Olympus"),
        ("opens_at", "25:00"),
        ("name", ""),
    ],
)
def test_nonsense_is_refused_at_its_field(client, field, value):
    assert errors(client.post("/settings/general/", {**GENERAL, field: value})).keys() == {field}
    assert settings().name == "Acme"


def test_a_working_day_opens_before_it_closes(client):
    found = errors(client.post("/settings/general/", {**GENERAL, "opens_at": "17:15"}))
    assert found == {"__all__": ["The working day must open before it closes."]}


def test_the_reporting_currency_stays_while_there_are_rates_to_it(client, admin):
    rate = actions.add_rate(by=admin, currency="GBP", on=dt.date(2026, 1, 1), rate=Decimal("1.3"))
    found = errors(client.post("/settings/general/", GENERAL))
    assert "are rates to USD. Remove them first" in found["reporting_currency"][0]
    assert client.post("/settings/general/", {**GENERAL, "reporting_currency": "USD"}).status_code == 302
    client.post(f"/settings/currencies/{rate.pk}/remove/")
    assert client.post("/settings/general/", GENERAL).status_code == 302
    assert settings().reporting_currency == "EUR"


def picture(kind: str, size=(900, 300)) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, kind)
    file.seek(0)
    file.name = f"logo.{kind.lower()}"
    return file


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_written_anew_and_shown(client, kind):
    assert client.post("/settings/general/logo/", {"logo": picture(kind)}).status_code == 302
    shown = client.get("/logo")
    assert shown["Content-Type"] == "image/png"
    image = Image.open(io.BytesIO(b"".join(shown.streaming_content)))
    assert (image.format, image.height) == ("PNG", 112)
    assert "/logo?v=" in client.get("/settings/general/").content.decode()
    client.post("/settings/general/logo/", {"remove": "1"})
    assert client.get("/logo").status_code == 404


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("logo.svg", SVG),
        ("logo.png", SVG),
        ("logo.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
        ("logo.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
        ("logo.png", b""),
        ("logo.png", b"\0" * 1_000_001),
        ("logo.png", None),
    ],
)
def test_what_is_no_picture_by_its_content_is_refused(client, name, content):
    file = io.BytesIO(content if content is not None else picture("PNG", (6000, 6000)).getvalue())
    file.name = name
    response = client.post("/settings/general/logo/", {"logo": file})
    assert response.status_code == 422
    assert response.context["logo_form"].errors["logo"]
    assert not settings().logo


def test_holidays_are_added_once_and_removed(client):
    form = {"on": "2027-05-01", "name": "Labour Day"}
    assert client.post("/settings/calendar/", form).status_code == 302
    assert "on" in errors(client.post("/settings/calendar/", form))
    holiday = Holiday.objects.get()
    assert "Labour Day" in client.get("/settings/calendar/").content.decode()
    client.post(f"/settings/calendar/{holiday.pk}/remove/")
    assert not Holiday.objects.exists()
    assert AuditEntry.objects.filter(verb="holiday.removed", target_name__contains="Labour Day").exists()


def test_rates_are_dated_and_the_one_in_force_is_marked(client):
    for on, rate in (("2020-01-01", "1.1"), ("2020-06-01", "1.25"), ("2099-01-01", "2")):
        assert client.post("/settings/currencies/", {"currency": "EUR", "on": on, "rate": rate}).status_code == 302
    page = client.get("/settings/currencies/").content.decode()
    assert page.count("in force") == 1
    assert page.index("June 1, 2020") < page.index("in force") < page.index("Jan. 1, 2020")
    assert ">1.25 USD<" in page


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rate": "0"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"rate": "x"}, "rate"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "XYZ"}, "currency"),
        ({"on": ""}, "on"),
    ],
)
def test_a_rate_that_cant_be_is_refused(client, change, field):
    form = {"currency": "EUR", "on": "2026-01-01", "rate": "1.1", **change}
    assert errors(client.post("/settings/currencies/", form)).keys() == {field}
    assert not CurrencyRate.objects.exists()


def test_one_rate_a_day(client):
    form = {"currency": "EUR", "on": "2026-01-01", "rate": "1.1"}
    client.post("/settings/currencies/", form)
    assert "There is a rate for this currency and date already." in str(
        errors(client.post("/settings/currencies/", form))
    )


THRESHOLDS = {
    "capability_green": "75", "capability_amber": "40", "attainment_green": "95", "attainment_amber": "80",
    "recruit_green": "65", "recruit_amber": "45",
}  # fmt: skip


def test_thresholds_hold_from_their_day_on(client):
    day = today()
    ahead = day + dt.timedelta(days=40)
    assert client.post("/settings/thresholds/", {**THRESHOLDS, "starts_on": ahead}).status_code == 302
    assert thresholds("capability", ahead - dt.timedelta(days=1)) == Thresholds(green=80, amber=50)
    assert thresholds("capability", ahead) == Thresholds(green=75, amber=40)
    assert thresholds("attainment", ahead) == Thresholds(green=95, amber=80)
    assert thresholds("recruit", ahead) == Thresholds(green=65, amber=45)
    assert thresholds("recruit", day) == Thresholds(green=70, amber=50)
    page = client.get("/settings/thresholds/").content.decode()
    assert "to come" in page
    assert "≥ 80" in page, "what holds today"
    client.post(f"/settings/thresholds/{Policy.objects.get(kind='thresholds').pk}/remove/")
    assert thresholds("capability", ahead) == Thresholds(green=80, amber=50)


def test_the_past_is_not_judged_anew(client):
    yesterday = today() - dt.timedelta(days=1)
    assert errors(client.post("/settings/thresholds/", {**THRESHOLDS, "starts_on": yesterday})).keys() == {"starts_on"}
    client.post("/settings/thresholds/", {**THRESHOLDS, "starts_on": today()})
    policy = Policy.objects.get(kind="thresholds")
    client.post(f"/settings/thresholds/{policy.pk}/remove/")
    assert Policy.objects.filter(pk=policy.pk).exists(), "what is in force stays on record"


def test_amber_begins_below_green(client):
    form = {**THRESHOLDS, "starts_on": today(), "capability_amber": "75"}
    assert errors(client.post("/settings/thresholds/", form)) == {
        "capability_amber": ["Amber has to begin below green."]
    }
    form = {**THRESHOLDS, "starts_on": today(), "recruit_amber": "65"}
    assert errors(client.post("/settings/thresholds/", form)) == {"recruit_amber": ["Develop has to begin below go."]}


def test_the_way_into_the_settings_is_the_first_page_one_may_open(acme, client, client_for):
    assert client.get("/settings/")["Location"] == "/settings/general/"
    assert client_for(acme.users[Role.CHIEF]).get("/settings/")["Location"] == "/settings/tiers/"
    assert client_for(acme.users[Role.MARKETING]).get("/settings/").status_code == 403


def test_tabs_lead_only_where_one_may_go(acme, client_for):
    body = client_for(acme.users[Role.CHIEF]).get("/settings/audit/").content.decode()
    assert "/settings/general/" not in body


@pytest.mark.parametrize(("colour", "text"), [("#ffffff", "#000000"), ("#ffcc00", "#000000"), ("#3355cc", "#ffffff")])
def test_text_on_the_accent_can_be_read(colour, text):
    assert accent.text_on(colour) == text
    assert accent.contrast(text, colour) >= accent.NEEDED


def test_contrast_is_wcags():
    assert accent.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert accent.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
