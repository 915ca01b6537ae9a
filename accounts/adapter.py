from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people are invited. Mail goes through our outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix, email, context):
        from prm.common import mail

        mail.send(
            to=email,
            template=template_prefix.replace("account/email/", "account_"),
            context=context,
        )

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/portal/" if request.user.is_partner_side else "/"
