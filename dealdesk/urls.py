from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from accounts.access import for_side, portal, vendor
from accounts.permissions import Permission as P
from dealdesk.letters import RENEW
from dealdesk.views import deciding, inviting, lists, own_file, reading, registering, settings
from dealdesk.views.sides import PORTAL, VENDOR, Side

app_name = "dealdesk"
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Part:
    """A page of one registration that both sides have. `writes`: for who registers there; `decides`: at the vendor's also for who
    decides, which the action looks at; `posts`: what a form is sent to."""

    name: str
    address: str
    page: View
    writes: bool = True
    decides: bool = False
    posts: bool = True


PARTS = (
    Part("registration", "", reading.registration, writes=False, posts=False),
    Part("edit", "edit/", registering.edit, posts=False),
    Part("discard", "discard/", reading.discard),
    Part("withdraw", "withdraw/", reading.withdraw, decides=True),
    Part("release", "release/", reading.release, decides=True),
    Part("proof", "proof/", reading.proof),
    Part("renew", "renew/", reading.renew, decides=True, posts=False),
)


def _guard(side: Side, *, writes: bool, link: str | None = None) -> Callable[[View], View]:
    if side is PORTAL:
        return portal(P.SELL if writes else P.PORTAL, link=link)
    return vendor(P.REGISTER_FOR_PARTNERS if writes else P.SEE_REGISTRATIONS)


def _parts() -> Iterator[URLPattern]:
    for side, base in ((VENDOR, "registrations/"), (PORTAL, "portal/registrations/")):
        for part in PARTS:
            link = RENEW if side is PORTAL and part.name == "renew" else None
            writes = part.writes and (side is PORTAL or not part.decides)
            view = _guard(side, writes=writes, link=link)(for_side(part.page, side, posts=part.posts))
            yield path(f"{base}<int:pk>/{part.address}", view, name=f"{side.prefix}{part.name}")


def _new(side: Side, base: str) -> Iterator[URLPattern]:
    guard = _guard(side, writes=True)
    yield path(f"{base}new/", guard(for_side(registering.new, side)), name=f"{side.prefix}new")
    yield path(f"{base}save/", guard(for_side(registering.save, side, posts=True)), name=f"{side.prefix}save")
    yield path(f"{base}file/", guard(for_side(own_file.take_in, side)), name=f"{side.prefix}file")


urlpatterns = [
    *_parts(),
    *_new(VENDOR, "partners/<int:pk>/registrations/"),
    *_new(PORTAL, "portal/registrations/"),
    path("registrations/", lists.registrations, name="registrations"),
    path("registrations/export/<str:kind>/", lists.export, name="registrations_export"),
    path("registrations/new/", lists.choose_partner, name="new_for"),
    path("registrations/<int:pk>/decide/", deciding.decide, name="decide"),
    path(
        "registrations/<int:pk>/accept-proof/",
        _guard(VENDOR, writes=False)(for_side(reading.accept_proof, VENDOR, posts=True)),
        name="accept_proof",
    ),
    path("partners/<int:pk>/registrations/", lists.of_partner, name="registrations_of"),
    path("partners/<int:pk>/registrations/invite/", inviting.invite, name="invite"),
    path("portal/registrations/", lists.portal_registrations, name="portal_registrations"),
    path("portal/registrations/export/<str:kind>/", lists.portal_export, name="portal_registrations_export"),
    path("portal/registrations/by-link/<int:pk>/", inviting.by_link, name="portal_by_link"),
    path("settings/registrations/", settings.policy, name="policy"),
    path("settings/registrations/<int:pk>/remove/", settings.remove, name="policy_remove"),
]
