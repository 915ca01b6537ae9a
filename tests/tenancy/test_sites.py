"""Which site answers under which host."""

import pytest
from django.conf import settings as django_settings
from django.db import connection

from accounts.permissions import Role
from prm.common import mail
from prm.tenancy.middleware import _known


@pytest.fixture(autouse=True)
def _forget_hosts():
    yield
    _known.clear()


def site(client_for, host="localhost"):
    return client_for(None, host=host)


def test_an_unknown_host_is_nobodys(acme, client_for):
    for host in ("nobody.localhost", "evil.example", "acme.localhost.evil.example"):
        response = site(client_for, host).get("/login/")
        assert response.status_code in (400, 404)
        assert "ACME" not in response.content.decode()
    response = site(client_for, "nobody.localhost").get("/")
    assert response.status_code == 404
    assert "content-security-policy" in response.headers
    assert response["X-Content-Type-Options"] == "nosniff"


def test_the_pages_of_unknown_hosts_have_their_style_sheet(acme, client_for):
    response = site(client_for, "nobody.localhost").get("/static/css/tokens.css")
    assert b"--accent" in b"".join(response.streaming_content)
    response.close()


def test_an_unknown_host_is_not_remembered(acme, client_for):
    site(client_for, "nobody.localhost").get("/")
    assert "nobody.localhost" not in _known


def test_the_public_site_shows_nothing_of_a_vendor(acme, client_for):
    client = site(client_for)
    assert client.get("/").status_code == 200
    for path in ("/login/", "/partners/", "/portal/", "/settings/", "/profile/"):
        assert client.get(path).status_code == 404


def test_a_vendor_is_looked_up_once(acme, client_for, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    client = client_for()
    client.get("/login/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/login/")
    assert not [q for q in queries if "tenancy_domain" in q["sql"]]


@pytest.fixture
def mails_in_files(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path


def test_a_developer_reads_the_mails_of_the_machine(acme, client_for, mails_in_files):
    user = acme.users[Role.CAM]
    context = {"user": user, "by": user, "to": "", "url": "http://acme.localhost/l/abc/", "days": 7}
    message = mail.send(to=user.email, template="invitation", context=context)
    mail.deliver_one(message.pk)
    client = site(client_for)
    listed = client.get("/mail/").content.decode()
    assert message.subject in listed
    (name,) = [file.name for file in django_settings.EMAIL_FILE_PATH.glob("*.log")]
    body = client.get(f"/mail/{name}/").content.decode()
    assert 'href="http://acme.localhost/l/abc/"' in body, "links can be followed"
    assert user.email in body


@pytest.mark.parametrize("name", ["nothing.log", "..%2F..%2Fetc%2Fpasswd", ".env", "x.txt"])
def test_only_mails_are_shown(acme, client_for, mails_in_files, name):
    (django_settings.EMAIL_FILE_PATH / "x.txt").write_text("secret")
    assert site(client_for).get(f"/mail/{name}/").status_code == 404


def test_in_production_there_is_no_page_of_mails():
    import os
    import subprocess
    import sys

    code = (
        "import django; django.setup(); from prm.urls_public import urlpatterns; print([p.name for p in urlpatterns])"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "prm.settings.prod",
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": ".x.example",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['welcome']"
