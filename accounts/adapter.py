from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse

from prm.common import mail
from prm.tenancy.addresses import vendor_url


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited. Mail goes through our outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        user = context["user"]
        mail.send(
            to=email,
            template=template_prefix.replace("account/email/", "account_"),
            context={"user": user, "url": context.get("password_reset_url", "")},
            language=user.language,
        )

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tells a person that their password was changed. Ours have one address, not allauth's list of them."""
        if template_prefix in ("account/email/password_changed", "account/email/password_reset"):
            url = vendor_url(reverse("account_reset_password"))
            self.send_mail("account/email/password_changed", user.email, {"user": user, "password_reset_url": url})

    def add_message(
        self, request: HttpRequest, level: int, template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """The page one comes to shows that one is signed in or out; only other news is told."""
        if template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, template, *args, **kwargs)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/portal/" if request.user.is_partner_side else "/"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/profile/"
