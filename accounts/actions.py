"""What is done to people: invite, give roles, deactivate; and what they do to their own account."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts import links, tokens
from accounts.models import User
from accounts.permissions import Role
from prm.common import audit, mail

INVITATION = "accounts.accept_invitation"
INVITATION_DAYS = 7

audit.VERBS.update(
    {
        "user.invited": _l("User invited"),
        "user.invited_again": _l("Invitation sent again"),
        "user.joined": _l("Invitation accepted"),
        "user.roles_changed": _l("Roles changed"),
        "user.deactivated": _l("User deactivated"),
        "user.reactivated": _l("User reactivated"),
        "user.profile_changed": _l("Profile changed"),
        "token.created": _l("API token made"),
        "token.revoked": _l("API token revoked"),
    }
)


@transaction.atomic
def invite(
    *, by: User | None, email: str, name: str, roles: Iterable[Role], language: str = "en", to: str = ""
) -> User:
    """A new user, invited by mail. `to` names what they are invited to, where it isn't the vendor's own side (their
    company). Raises ValidationError: the address is taken, or the roles don't go together."""
    roles = _one_side(roles)
    user = User(email=email.strip().lower(), name=name.strip(), language=language)
    user.set_unusable_password()
    user.full_clean()
    user.save()
    user.set_roles(roles)
    audit.record(by=by, verb="user.invited", target=user, changes={"roles": ["", _names(roles)]})
    _send_invitation(by=by, user=user, to=to)
    return user


@transaction.atomic
def resend_invitation(*, by: User, user: User, to: str = "") -> None:
    """Sends the invitation anew; links sent before stop working. Raises ValidationError once it is accepted."""
    if not user.is_active or not user.is_invited:
        raise ValidationError(_("%(name)s has no open invitation.") % {"name": user.display_name})
    links.close(purpose=INVITATION, target_id=user.pk)
    audit.record(by=by, verb="user.invited_again", target=user)
    _send_invitation(by=by, user=user, to=to)


@transaction.atomic
def accept_invitation(*, user: User, name: str, password: str, language: str, time_zone: str) -> None:
    """The invited person's own name, password and preferences; the invitation's links are closed."""
    user.name, user.language, user.time_zone = name, language, time_zone
    user.set_password(password)
    user.save(update_fields=["name", "language", "time_zone", "password"])
    links.close(purpose=INVITATION, target_id=user.pk)
    audit.record(by=user, verb="user.joined", target=user)


@transaction.atomic
def set_roles(*, by: User, user: User, roles: Iterable[Role]) -> None:
    """Gives the user these roles and no others. Raises ValidationError: roles of both sides, a change of side, or the
    last admin would be gone."""
    roles, before = _one_side(roles), user.roles
    if before and user.is_partner_side != roles[0].is_partner_side:
        raise ValidationError(_("A partner's user can't be made the vendor's, nor the other way round: invite anew."))
    if Role.ADMIN in before and Role.ADMIN not in roles:
        _keep_an_admin(user)
    if before == set(roles):
        return
    user.set_roles(roles)
    changes = {"roles": [_names(before), _names(roles)]}
    audit.record(by=by, verb="user.roles_changed", target=user, changes=changes)


@transaction.atomic
def deactivate(*, by: User, user: User) -> None:
    """Shuts the user out at once: sessions, links and tokens end; what they did stays. Raises ValidationError."""
    if user == by:
        raise ValidationError(_("You can't deactivate yourself."))
    if not user.is_active:
        return
    if Role.ADMIN in user.roles:
        _keep_an_admin(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    links.close_all(user)
    for token in user.api_tokens.filter(revoked_at=None):
        tokens.revoke(token, by)
    audit.record(by=by, verb="user.deactivated", target=user)


@transaction.atomic
def reactivate(*, by: User, user: User) -> None:
    """Lets the user in again, with the roles and the password they had; links and tokens must be made anew."""
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(by=by, verb="user.reactivated", target=user)


@transaction.atomic
def update_profile(*, by: User, **fields: Any) -> None:
    """A person's own name, phone, language and time zone."""
    changes = audit.changes_between({name: getattr(by, name) for name in fields}, fields)
    if not changes:
        return
    for name, value in fields.items():
        setattr(by, name, value)
    by.full_clean(exclude=["password"])
    by.save(update_fields=list(fields))
    audit.record(by=by, verb="user.profile_changed", target=by, changes=changes)


def _send_invitation(*, by: User | None, user: User, to: str) -> None:
    user.invited_at = timezone.now()
    user.save(update_fields=["invited_at"])
    link = links.make(user=user, purpose=INVITATION, target_id=user.pk, days=INVITATION_DAYS)
    context = {"user": user, "by": by, "to": to, "url": links.url(link), "days": INVITATION_DAYS}
    mail.send(to=user.email, template="invitation", context=context, language=user.language)


def _one_side(roles: Iterable[Role]) -> list[Role]:
    wanted = sorted(set(roles), key=list(Role).index)
    if not wanted:
        raise ValidationError(_("Choose at least one role."))
    if len({role.is_partner_side for role in wanted}) > 1:
        raise ValidationError(_("Roles of the vendor and roles of a partner don't go together."))
    return wanted


def _keep_an_admin(user: User) -> None:
    # The rows stay locked to the end of the transaction, so that two admins can't remove each other at once.
    admins = User.objects.select_for_update(of=("self",)).filter(groups__name=Role.ADMIN, is_active=True)
    able = admins.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by("pk")
    if not [admin for admin in able if admin != user]:
        raise ValidationError(_("This is the last vendor admin. Make somebody else one first."))


def _names(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(role.value for role in roles))
