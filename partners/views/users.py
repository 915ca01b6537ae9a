"""The vendor's users and their partners', for whoever looks after them; and a partner's own team, for its champion."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.access import portal, vendor
from accounts.models import User
from accounts.permissions import PARTNER_ROLES, Role
from accounts.permissions import Permission as P
from partners import users
from partners.user_forms import InviteForm, InviteToPartnerForm, RolesForm, UserFilter
from prm.common import lists
from prm.common.lists import Column, Listing
from prm.common.models import OutgoingMail
from prm.common.saving import saved
from prm.documents.table import Kind

EXPORT = "people.users"


def _state(user: User) -> str:
    if not user.is_active:
        return _("Deactivated")
    return _("Invited") if user.is_invited else _("Active")


def _roles(user: User) -> str:
    return ", ".join(str(role.label) for role in sorted(user.roles, key=list(Role).index))


def _name(user: User) -> str:
    return format_html(
        '<a class="row-link" href="{}">{}</a>', reverse("people:user", args=[user.pk]), user.display_name
    )


def _email(user: User) -> str:
    """An address may break after its @, where a card is narrow."""
    return format_html("{}@<wbr>{}", *user.email.split("@", 1))


COLUMNS = (
    Column("name", _l("Name"), lambda u: u.name, cell=_name, sort=("name",), heads_row=True),
    Column("email", _l("E-mail"), lambda u: u.email, cell=_email, sort=("email",)),
    Column("partner", _l("Partner"), lambda u: getattr(users.partner_of(u), "name", ""), sort=("membership__partner__name",), nullable=True),
    Column("roles", _l("Roles"), _roles),
    Column("state", _l("State"), _state),
    Column("last_login", _l("Last signed in"), lambda u: u.last_login, Kind.DATETIME, sort=("last_login",), nullable=True),
)  # fmt: skip


@lists.exportable(EXPORT)
def listing(user: User, query: QueryDict) -> Listing:
    people = users.everybody() if user.can(P.MANAGE_USERS) else User.objects.none()
    return Listing(UserFilter(query).apply(people), COLUMNS, query, name=_("Users"), default="name")


@vendor(P.MANAGE_USERS)
def user_list(request: HttpRequest) -> HttpResponse:
    request.section = "settings"
    context = {"filter": UserFilter(request.GET), "listing": listing(request.user, request.GET)}
    return render(request, "partners/users.html", context)


@vendor(P.MANAGE_USERS)
def user_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, EXPORT, kind)


@vendor(P.MANAGE_USERS)
def invite(request: HttpRequest) -> HttpResponse:
    """Invites one of the vendor's own people."""
    form = InviteForm(request.POST or None, offered=users.VENDOR_ROLES, with_regions=True)
    return _invite(request, form, users.invite_to_vendor, "people:users", _("Invite a colleague"))


@vendor(P.MANAGE_USERS)
def invite_partner_user(request: HttpRequest) -> HttpResponse:
    """Invites somebody for a partner or a distributor; `?partner=` chooses it beforehand."""
    form = InviteToPartnerForm(request.POST or None, by=request.user, initial={"partner": request.GET.get("partner")})
    return _invite(request, form, users.invite_to_partner, "people:users", _("Invite a partner’s user"))


def _invite(
    request: HttpRequest,
    form: InviteForm,
    action: Callable[..., User],
    back: str,
    title: str,
    section: str = "settings",
) -> HttpResponse:
    request.section = section
    if form.is_valid() and saved(form, action, by=request.user, **form.cleaned_data):
        messages.success(
            request, _("The invitation is on its way to %(email)s.") % {"email": form.cleaned_data["email"]}
        )
        return redirect(back)
    crumbs = [(_("Team") if section == "team" else _("Users"), reverse(back))]
    context = {"form": form, "title": title, "crumbs": crumbs, "vendor_side": section == "settings"}
    return render(request, "partners/invite.html", context, status=422 if form.is_bound else 200)


@vendor(P.MANAGE_USERS)
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: roles, state, what can be done."""
    request.section = "settings"
    person = get_object_or_404(users.everybody(), pk=pk)
    partner = users.partner_of(person)
    offered = users.MEMBER_ROLES if partner else users.VENDOR_ROLES
    return _edit(request, person, offered, "people:user", with_regions=partner is None)


@portal(P.MANAGE_TEAM)
def team(request: HttpRequest) -> HttpResponse:
    """Who of the champion's own company can sign in."""
    request.section = "team"
    people = [
        {"user": u, "email": _email(u), "roles": _roles(u), "state": _state(u)} for u in users.colleagues(request.user)
    ]
    return render(request, "partners/team.html", {"people": people, "partner": users.partner_of(request.user)})


@portal(P.MANAGE_TEAM)
def team_invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, offered=_partner_roles())
    return _invite(request, form, users.invite_colleague, "people:team", _("Invite a colleague"), section="team")


@portal(P.MANAGE_TEAM)
def team_user(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "team"
    person = get_object_or_404(users.colleagues(request.user), pk=pk)
    return _edit(request, person, _partner_roles(), "people:team_user", with_regions=False)


def _edit(request: HttpRequest, person: User, offered: Any, page: str, *, with_regions: bool) -> HttpResponse:
    initial = {"roles": list(person.roles), "regions": [limit.region_id for limit in person.region_limits.all()]}
    form = RolesForm(request.POST or None, offered=offered, with_regions=with_regions, initial=initial)
    if form.is_valid() and saved(form, users.change, by=request.user, user=person, **form.cleaned_data):
        messages.success(request, _("The roles of %(name)s are saved.") % {"name": person.display_name})
        return redirect(page, pk=person.pk)
    ours = page == "people:user"
    context = {
        "person": person, "form": form, "state": _state(person), "partner": users.partner_of(person),
        "mail": OutgoingMail.objects.filter(to=person.email).first() if ours and person.is_invited else None,
        "crumbs": [(_("Users"), reverse("people:users"))] if ours else [(_("Team"), reverse("people:team"))],
        "names": {what: f"people:user_{what}" if ours else f"people:team_{what}" for what in WHAT},
    }  # fmt: skip
    return render(request, "partners/user.html", context, status=422 if form.is_bound else 200)


WHAT: dict[str, tuple[Callable[..., None], Any]] = {
    "deactivate": (actions.deactivate, _l("%(name)s can’t sign in any more.")),
    "reactivate": (actions.reactivate, _l("%(name)s can sign in again.")),
    "resend": (users.resend, _l("A new invitation is on its way to %(name)s.")),
}


def _vendor_action(what: str) -> Callable[..., HttpResponse]:
    @vendor(P.MANAGE_USERS)
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _act(request, what, get_object_or_404(users.everybody(), pk=pk), "people:user")

    return view


def _team_action(what: str) -> Callable[..., HttpResponse]:
    @portal(P.MANAGE_TEAM)
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _act(request, what, get_object_or_404(users.colleagues(request.user), pk=pk), "people:team_user")

    return view


user_deactivate, user_reactivate, user_resend = map(_vendor_action, WHAT)
team_deactivate, team_reactivate, team_resend = map(_team_action, WHAT)


def _act(request: HttpRequest, what: str, person: User, page: str) -> HttpResponse:
    action, words = WHAT[what]
    try:
        action(by=request.user, user=person)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, words % {"name": person.display_name})
    return redirect(page, pk=person.pk)


def _partner_roles() -> list[Any]:
    return [role for role in users.MEMBER_ROLES if role in PARTNER_ROLES]
