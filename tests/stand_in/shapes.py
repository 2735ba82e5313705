"""How each provider puts the same person into words: addresses, keys and nesting as its documentation has them."""

import base64
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEY_ID = "stand-in-1"
# Somebody's face: a square of one colour.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGOMqohiwAaYsIoOWgkA7xABPBRCFFEAAAAASUVORK5CYII="
)


class Provider:
    """A plain OAuth 2 provider; the others differ from it by what they say."""

    name = ""
    authorize = "/authorize"
    token = "/token"
    me = "/me"
    id_token = False

    def __init__(self, key, origin):
        self.key, self.url = key, f"{origin}/{key}"

    stranger_status = 401

    def stranger(self):
        """What it says to whoever asks with keys that it does not know."""
        return {"error": "invalid_client"}

    def pages(self):
        """path below this provider → function(person) for everything that a bearer of a token may read."""
        return {self.me: self.about}

    def open_pages(self):
        """path → JSON that anybody may read."""
        return {}

    def about(self, person):
        raise NotImplementedError

    def token_answer(self, access_token, person, client_id, nonce):
        answer = {"access_token": access_token, "token_type": "Bearer", "expires_in": 3600}
        if self.id_token:
            answer["id_token"] = self.signed(person, client_id, nonce)
        return answer

    def signed(self, person, client_id, nonce):
        now = int(time.time())
        claims = self.claims(person) | {"iss": self.issuer, "aud": client_id, "iat": now, "exp": now + 3600}
        if nonce:
            claims["nonce"] = nonce
        return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": KEY_ID})

    @property
    def issuer(self):
        return self.url

    def claims(self, person):
        claims = {
            "sub": person.number,
            "name": person.name,
            "preferred_username": person.login,
            "picture": f"{self.url}/pictures/{person.login}.png",
        }
        if person.email:
            claims |= {"email": person.email, "email_verified": person.verified}
        return claims


class Google(Provider):
    name = "Google"
    authorize = "/o/oauth2/v2/auth"
    me = "/oauth2/v2/userinfo"
    id_token = True

    def claims(self, person):
        first, _, last = person.name.partition(" ")
        claims = super().claims(person) | {"given_name": first, "family_name": last, "azp": "stand-in"}
        del claims["preferred_username"]
        return claims

    def about(self, person):
        claims = self.claims(person)
        return {
            "id": claims.pop("sub"),
            "verified_email": claims.pop("email_verified", False),
            **claims,
        }


class GitHub(Provider):
    name = "GitHub"
    authorize = "/login/oauth/authorize"
    token = "/login/oauth/access_token"
    stranger_status = 200
    me = "/api/v3/user"

    def pages(self):
        return super().pages() | {"/api/v3/user/emails": self.emails}

    def about(self, person):
        return {
            "id": int(person.number),
            "login": person.login,
            "name": person.name,
            "email": person.email or None,
            "avatar_url": f"{self.url}/u/{person.number}?v=4",
            "html_url": f"https://github.com/{person.login}",
            "type": "User",
            "bio": None,
        }

    def stranger(self):
        return {"error": "incorrect_client_credentials"}

    def emails(self, person):
        private = {
            "email": f"{person.number}+{person.login}@users.noreply.github.com",
            "primary": False,
            "verified": True,
            "visibility": None,
        }
        own = {"email": person.email, "primary": True, "verified": person.verified, "visibility": "private"}
        return [own, private] if person.email else [private]


class Facebook(Provider):
    name = "Facebook"
    authorize = "/v19.0/dialog/oauth"
    token = "/v19.0/oauth/access_token"
    stranger_status = 400
    me = "/v19.0/me"

    def stranger(self):
        return {"error": {"message": "Error validating client secret.", "type": "OAuthException", "code": 1}}

    def about(self, person):
        answer = {
            "id": person.number,
            "name": person.name,
            "picture": {
                "data": {
                    "height": 50,
                    "width": 50,
                    "is_silhouette": False,
                    "url": f"{self.url}/pictures/{person.login}.jpg",
                }
            },
        }
        return answer | ({"email": person.email} if person.email else {})


class X(Provider):
    name = "X"
    authorize = "/i/oauth2/authorize"
    token = "/2/oauth2/token"
    me = "/2/users/me"

    def stranger(self):
        return {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}

    def about(self, person):
        return {
            "data": {
                "id": person.number,
                "name": person.name,
                "username": person.login,
                "verified": False,
                "created_at": "2013-12-14T04:35:55.000Z",
                "profile_image_url": f"{self.url}/profile_images/{person.login}_normal.jpg",
            }
        }


class OpenID(Provider):
    name = "OpenID"
    me = "/userinfo"
    id_token = True

    def about(self, person):
        return self.claims(person)

    def open_pages(self):
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": self.url + self.authorize,
                "token_endpoint": self.url + self.token,
                "userinfo_endpoint": self.url + self.me,
                "jwks_uri": self.url + "/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "scopes_supported": ["openid", "profile", "email"],
            },
            "/jwks": {"keys": [public_key()]},
        }


class WordPressCom(OpenID):
    name = "WordPress.com"
    authorize = "/oauth2-1/authorize"
    token = "/oauth2-1/token"
    me = "/oauth2-1/userinfo"


PROVIDERS = {
    "google": Google,
    "github": GitHub,
    "facebook": Facebook,
    "x": X,
    "wordpress-com": WordPressCom,
    "oidc": OpenID,
}


def public_key():
    numbers = KEY.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": KEY_ID,
        "n": _base64(numbers.n),
        "e": _base64(numbers.e),
    }


def _base64(number):
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
