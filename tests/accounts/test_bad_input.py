"""What bad input gets: each kind that issue and advisories name has its test here, named after it.

Refused, explained to the honest, and nothing leaked.
"""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from core.email_addresses import normalize_email
from core.models import Email

ELSEWHERE = [
    "https://evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "////evil.example",
    "/\\evil.example/",
    "\\\\evil.example/",
    "\\/evil.example/",
    "/\t/evil.example/",
    "\t//evil.example/",
    " //evil.example/",
    "\n//evil.example/",
    "/\n/evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example/",
    "http:\\\\evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "//evil%E3%80%82example/",
    "//evil。example/",
    "//ⓔⓥⓘⓛ.example/",
    "https://localhost:8000@evil.example/",
    "https://localhost:8000.evil.example/",
    "https://evil.example#localhost:8000",
    "//localhost:8000@evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "\x00//evil.example/",
    "\u202e//evil.example/",
    "ftp://evil.example/",
    "//[::1]/",
    "http://[evil.example",
]


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_HOST = "localhost"


def stays_here(answer):
    """Whether an answer leads to a path of this blog, or nowhere."""
    place = answer.headers.get("Location", "/")
    parts = urlsplit(place)
    return parts.netloc in ("", "localhost:8000") and parts.scheme in ("", "http") and place[:2] not in ("//", "/\\")


def code_in_mail():
    return re.search(r"^    (\S+)$", Email.objects.latest("pk").text, re.MULTILINE)[1]


class TestAnUnverifiedEMail:
    def test_is_not_believed(self, client, stand_in, log_in, logged_in):
        stand_in.person("mallory", number="666", login="m", name="M", email="rene@example.org", verified=False)
        log_in("oidc", "mallory")
        assert logged_in(client).email is None

    def test_and_keeps_nobody_from_using_it(self, client, stand_in, log_in, logged_in):
        stand_in.person("mallory", number="666", login="m", name="M", email="rene@example.org", verified=False)
        log_in("oidc", "mallory", client=Client())
        stand_in.person("rene", number="7", login="rene", name="Rene", email="rene@example.org")
        log_in("google", "rene")
        assert logged_in(client).email == "rene@example.org"

    @pytest.mark.parametrize("said", ["false", "False", "0", "no", 0, "", None, 1])
    def test_is_not_believed_in_other_words_either(self, client, stand_in, log_in, logged_in, said):
        stand_in.person("mallory", number="666", login="m", name="M", email="rene@example.org", verified=said)
        log_in("oidc", "mallory")
        assert logged_in(client).email is None and not EmailAddress.objects.filter(email="rene@example.org").exists()

    @pytest.mark.parametrize("said", ["true", "True"])
    def test_is_a_verified_one_where_the_service_says_so_in_a_word(self, client, stand_in, log_in, logged_in, said):
        stand_in.person("rene", number="7", login="rene", name="Rene", email="rene@example.org", verified=said)
        log_in("oidc", "rene")
        assert logged_in(client).email == "rene@example.org"
        assert EmailAddress.objects.get(email="rene@example.org").verified


@pytest.mark.db
class TestWhatNoDatabaseCanHold:
    def test_is_left_out_of_a_name(self, client, stand_in, log_in, logged_in):
        stand_in.person("ann", name="An\x00n")
        log_in("oidc", "ann")
        assert logged_in(client).name == "Ann"

    @pytest.mark.parametrize("number", ["9" * 200, "9\x009"])
    def test_in_somebodys_number_is_no_error_of_ours(self, client, stand_in, log_in, number):
        stand_in.person("ann", number=number)
        assert log_in("oidc", "ann").status_code < 500


class TestAChangedEMail:
    def test_at_the_provider_changes_nothing_here(self, client, stand_in, log_in, logged_in):
        log_in("google", "ann")
        client.logout()
        stand_in.person("ann", email="ada@example.org")
        log_in("google", "ann")
        assert logged_in(client).email == "ann@example.org"

    def test_leads_to_the_same_person(self, client, stand_in, log_in, logged_in, people):
        log_in("google", "ann")
        stand_in.person("ann", email="other@example.org")
        log_in("google", "ann")
        assert people.filter(name="Ann Reader").count() == 1


class TestAnotherSub:
    def test_with_the_same_address_is_another_person_without_it(self, client, stand_in, log_in, logged_in):
        log_in("google", "ann")
        ann = logged_in(client)
        stand_in.person("ann", number="2002")
        log_in("google", "ann", client=(other := Client()))
        assert logged_in(other) != ann and logged_in(other).email is None

    def test_with_the_owners_address_is_not_the_owner(self, client, stand_in, log_in, logged_in, owner):
        stand_in.person("ann", number="2002", email="ada@example.org", name="Ada")
        log_in("google", "ann")
        assert logged_in(client).role == "reader"
        assert EmailAddress.objects.get(email="ada@example.org").user == owner


@pytest.mark.parametrize("email", ["o\u212asana@example.org", "oksana@ex\u0430mple.org", "ｏksana@example.org"])
class TestALookAlikeUnicodeAddress:
    def test_opens_nobodys_account(self, client, people, stand_in, log_in, logged_in, email):
        oksana = people.create_user("oksana@example.org", name="Oksana")
        stand_in.person("mallory", number="666", login="m", name="M", email=email)
        log_in("oidc", "mallory")
        assert logged_in(client) != oksana and logged_in(client).email is None

    def test_gets_no_email_meant_for_another(self, client, people, email):
        people.create_user("oksana@example.org", "a long enough password", name="Oksana")
        client.post("/accounts/password/reset/", {"email": email})
        assert set(Email.objects.values_list("to", flat=True)) <= {"oksana@example.org"}

    def test_gets_a_code_for_itself_at_most(self, client, people, logged_in, email):
        oksana = people.create_user("oksana@example.org", name="Oksana")
        client.post("/accounts/login/code/", {"email": email})
        assert set(Email.objects.values_list("to", flat=True)) <= {normalize_email(email)}
        if Email.objects.exists():
            client.post("/accounts/login/code/enter/", {"code": code_in_mail()})
        assert logged_in(client) != oksana


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
class TestANextToAnotherHost:
    def test_after_a_password_is_dropped(self, client, password, elsewhere):
        answer = client.post("/accounts/login/", {"login": "ada@example.org", "password": password, "next": elsewhere})
        assert answer["Location"] == "/desk/"

    def test_after_a_code_is_dropped(self, client, people, elsewhere):
        people.create_user("rene@example.org", name="Rene")
        client.post("/accounts/login/code/", {"email": "rene@example.org", "next": elsewhere})
        assert client.post("/accounts/login/code/enter/", {"code": code_in_mail()})["Location"] == "/"

    def test_after_a_provider_is_dropped(self, client, log_in, elsewhere):
        assert stays_here(log_in("google", "ann", next=elsewhere))

    def test_on_every_other_page_is_dropped(self, client, owner, password, elsewhere):
        client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
        for path, sent in [
            ("/accounts/login/", {}),
            ("/accounts/login/code/", {}),
            ("/accounts/", {"name": "Ada"}),
            ("/accounts/reauthenticate/", {"password": password}),
            ("/accounts/reauthenticate/again/", {}),
            ("/accounts/logout/", {}),
        ]:
            answer = client.post(path, sent | {"next": elsewhere})
            assert stays_here(answer), (path, answer["Location"])

    def test_is_not_printed_as_a_link(self, client, elsewhere):
        for path in ["/accounts/login/", "/accounts/login/code/"]:
            page = client.get(path, {"next": elsewhere}).content.decode()
            links = re.findall(r'(?:href|action)="([^"]*)"', page)
            assert not [link for link in links if "evil" in link.lower().replace("%", "") and "next=" not in link]


class TestAReplayedOrForeignState:
    def callback(self, client, start, stand_in, who="ann"):
        page = start(client, "google")
        back = urlsplit(stand_in.choose(page.context["address"], who))
        return f"{back.path}?{back.query}"

    def test_replayed_logs_nobody_in(self, client, start, stand_in, logged_in):
        address = self.callback(client, start, stand_in)
        client.get(address)
        client.post("/accounts/logout/")
        answer = client.get(address)
        assert logged_in(client) is None and stays_here(answer)

    def test_from_another_browser_logs_nobody_in(self, client, start, stand_in, logged_in):
        victim = Client()
        victim.get(self.callback(client, start, stand_in))
        assert logged_in(victim) is None

    def test_invented_logs_nobody_in_and_is_explained(self, client, logged_in):
        answer = client.get("/accounts/google/login/callback/?code=1&state=invented")
        assert answer.status_code == 401 and "You are not logged in" in answer.content.decode()
        assert logged_in(client) is None


class TestCsrf:
    @pytest.fixture
    def strict(self, owner):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(owner)
        return browser

    @pytest.mark.parametrize(
        "path",
        [
            "google/login/?process=connect",
            "3rdparty/",
            "logout/",
            "email/",
            "sessions/",
            "2fa/totp/activate/",
            "2fa/webauthn/add/",
            "2fa/recovery-codes/generate/",
            "2fa/webauthn/login/",
            "me/merge/",
            "me/earlier/",
            "reauthenticate/",
            "reauthenticate/again/mail/",
            "login/code/",
            "login/code/enter/",
            "",
        ],
    )
    @pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
    def test_on_connect_logout_and_every_other_form_changes_nothing(self, strict, owner, logged_in, path, origin):
        answer = strict.post(f"/accounts/{path}", headers={"Origin": origin} if origin else {})
        assert answer.status_code == 403
        assert logged_in(strict) == owner and not owner.socialaccount_set.exists() and not Email.objects.exists()

    @pytest.mark.parametrize("path", ["people/", "people/1/", "login/"])
    def test_at_the_desk_changes_nothing(self, strict, path):
        assert strict.post(f"/desk/{path}", headers={"Origin": "https://evil.example"}).status_code == 403

    def test_by_a_get_changes_nothing(self, strict, owner, logged_in):
        for path in [
            "logout/",
            "google/login/?process=connect",
            "3rdparty/?account=1",
            "sessions/",
            "me/merge/?do=join",
        ]:
            strict.get(f"/accounts/{path}")
        assert logged_in(strict) == owner and not owner.socialaccount_set.exists()


class TestSessionFixation:
    def planted(self, client):
        client.get("/accounts/login/code/")
        session = client.session
        session["planted"] = "by Mallory"
        session.save()
        client.cookies["sessionid"] = session.session_key
        return session.session_key

    def test_by_password(self, client, password):
        before = self.planted(client)
        client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
        assert client.session.session_key != before

    def test_by_provider(self, client, log_in):
        before = self.planted(client)
        log_in("google", "ann")
        assert client.session.session_key != before

    def test_by_code(self, client):
        before = self.planted(client)
        client.post("/accounts/login/code/", {"email": "new@example.org"})
        client.post("/accounts/login/code/enter/", {"code": code_in_mail()})
        assert client.session.session_key != before

    def test_a_number_that_we_never_gave_is_not_taken(self, client, password):
        client.cookies["sessionid"] = "a" * 32
        client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
        assert client.session.session_key != "a" * 32


class TestEnumeration:
    """Neither status nor text nor place tells who has an account."""

    def told(self, path, email, **more):
        browser = Client()
        answer = browser.post(path, {"email": email, "login": email} | more, follow=True)
        text = re.sub(r'value="[A-Za-z0-9]{64}"', "", answer.content.decode()).replace(email, "…")
        return answer.status_code, answer.redirect_chain, text

    @pytest.mark.parametrize(
        "path, more",
        [
            ("/accounts/login/", {"password": "not the password"}),
            ("/accounts/login/code/", {}),
            ("/accounts/password/reset/", {}),
            ("/accounts/signup/", {"password1": "a long enough password"}),
        ],
    )
    def test_by_status_or_text(self, path, more):
        assert self.told(path, "ada@example.org", **more) == self.told(path, "nobody@example.org", **more)

    def test_by_connecting_an_address(self, client, log_in):
        log_in("google", "ann")
        answers = [
            client.post("/accounts/email/", {"action_add": "", "email": email})
            for email in ["ada@example.org", "nobody@example.org"]
        ]
        assert len({(answer.status_code, answer["Location"]) for answer in answers}) == 1

    def test_by_the_page_of_an_author(self, client, people):
        people.create_user("mona@example.org", name="Mona", role="author", handle="mona")
        assert client.get("/author/mona/").status_code == client.get("/author/nobody/").status_code == 404


class TestBruteForce:
    def guess(self, client, number, password="guess", **headers):
        return client.post("/accounts/login/", {"login": "ada@example.org", "password": password}, headers=headers)

    @pytest.mark.parametrize("proxies", [0, 1])
    def test_with_rotating_x_forwarded_for(self, client, password, logged_in, settings, proxies):
        """Without a proxy the header counts for nothing; behind one, only what the proxy itself wrote."""
        settings.TRUSTED_PROXY_COUNT = proxies
        written = ", 192.0.2.7" if proxies else ""
        for number in range(20):
            self.guess(client, number, **{"X-Forwarded-For": f"203.0.113.{number}{written}"})
        self.guess(client, 0, password, **{"X-Forwarded-For": f"198.51.100.9{written}"})
        assert logged_in(client) is None

    def test_neighbours_behind_one_proxy_do_not_lock_each_other_out(self, client, password, logged_in, settings):
        settings.TRUSTED_PROXY_COUNT = 1
        for number in range(12):
            client.post(
                "/accounts/login/",
                {"login": f"nobody{number}@example.org", "password": "guess"},
                headers={"X-Forwarded-For": "203.0.113.5"},
            )
        self.guess(client, 0, password, **{"X-Forwarded-For": "198.51.100.9"})
        assert logged_in(client) is not None

    def test_who_waits_is_let_in_and_told_why(self, client, password):
        for number in range(12):
            answer = self.guess(client, number)
        assert "Too many" in answer.content.decode() or answer.status_code == 429

    def test_of_codes(self, client, logged_in):
        client.post("/accounts/login/code/", {"email": "ada@example.org"})
        for number in range(30):
            client.post("/accounts/login/code/enter/", {"code": f"{number:08}"})
        client.post("/accounts/login/code/enter/", {"code": code_in_mail()})
        assert logged_in(client) is None


@pytest.mark.parametrize(
    "credential",
    ["", "x", "{}", "[]", '"x"', "1", "null", '{"response": []}', '{"response": {"userHandle": [1]}}',
     '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ"}}',
     '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "AA",'
     ' "authenticatorData": "AA", "signature": "AA"}}', "\x00", "9" * 5000, "[" * 19_000, "{" * 50_000],
)  # fmt: skip
def test_a_passkey_of_nonsense_is_refused_and_breaks_nothing(client, owner, logged_in, credential):
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert answer.status_code == 302 and answer["Location"] == "/accounts/login/"
    assert logged_in(client) is None


def test_a_passkey_that_opens_nothing_leaves_a_line_in_the_log(client, owner, caplog):
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    credential = '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ"}}'
    client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert caplog.text.count("refused login network=") == 1
