"""People. They live in the vendor's schema: the same address at two vendors is two users who know nothing of each other."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    Group,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLES, Permission, Role


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        email: str,
        password: str | None = None,
        *,
        roles: tuple[Role, ...] = (),
        **fields: Any,
    ) -> User:
        """A user with these roles; without a password nobody can sign in as them until they set one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        user.set_roles(roles)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("Somebody with this address is here already.")},
    )
    name = models.CharField(_("name"), max_length=150)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    stands_for: int | None = None
    """Of a side as such, which is nobody in particular: the partner it stands for. See partners.visibility.partner_side."""

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def is_invited(self) -> bool:
        """True until the invitation is accepted: there is nothing yet to sign in with."""
        return not self.has_usable_password()

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(group.name) for group in self.groups.all() if group.name in set(Role))

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        return frozenset().union(*(ROLES[role] for role in self.roles))

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_partner_side(self) -> bool:
        """True when every role is a partner's; a user with no role has no side and sees nothing."""
        return bool(self.roles) and all(role.is_partner_side for role in self.roles)

    def set_roles(self, roles: Iterable[Role]) -> None:
        self.groups.set(Group.objects.filter(name__in=roles))
        for name in ("roles", "permissions", "_prefetched_objects_cache"):
            self.__dict__.pop(name, None)


class SignedLink(models.Model):
    """A link for one person, one purpose and one object, until it expires, is revoked, or its purpose is done.

    What is mailed is `accounts.links.token(link)`: this row's id signed with the vendor and the purpose.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="signed_links")
    purpose = models.CharField(max_length=60)
    target_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "purpose", "target_id"])]

    def __str__(self) -> str:
        return f"{self.purpose} for {self.user}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.expires_at > timezone.now()


class ApiToken(models.Model):
    """A key to the REST API: acts as its user, within its scopes. Only a hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class IdempotencyKey(models.Model):
    """The answer once given to a POST, given again when the same key comes with the same request."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_a_user")]
        indexes = [models.Index(fields=["created_at"])]

    def __str__(self) -> str:
        return self.key
