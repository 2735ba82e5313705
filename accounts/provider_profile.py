"""Claims about a user from a login provider, and the few of them that are stored."""

from core.text import tidy, visible

STORED_FIELDS = {
    "id",
    "sub",
    "name",
    "login",
    "username",
    "preferred_username",
    "picture",
    "avatar_url",
    "profile_image_url",
    "link",
    "html_url",
    "profile",
}


def claims_of(said):
    """The claims themselves, which allauth's OpenID Connect wraps in "userinfo" or "id_token"."""
    return said.get("userinfo") or said.get("id_token") or said


def stored_claims(said):
    """The claims in STORED_FIELDS: what is shown, and the provider's user id."""
    kept = {key: storable(value) for key, value in claims_of(said).items() if key in STORED_FIELDS}
    return {"userinfo": kept} if claims_of(said) is not said else kept


def storable(value):
    """The value without characters that PostgreSQL cannot store, such as NUL."""
    if isinstance(value, dict):
        return {tidy(key): storable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [storable(part) for part in value]
    return tidy(value) if isinstance(value, str) else value


def name(said):
    """The display name, else the user name at the provider; "" if there is none."""
    said = claims_of(said)
    parts = " ".join(part for part in (said.get("given_name"), said.get("family_name")) if part)
    logins = (said.get(key) for key in ("preferred_username", "login", "username"))
    return next((word for word in (said.get("name"), parts, *logins) if isinstance(word, str) and visible(word)), "")


def picture(said):
    """The URL of their picture, or ""; Facebook nests it in `picture.data.url`."""
    said = claims_of(said)
    found = said.get("picture") or said.get("avatar_url") or said.get("profile_image_url") or ""
    if isinstance(found, dict):
        found = found.get("data", {}).get("url", "")
    return valid_url(found).replace("_normal.", "_200x200.")  # X sends the URL of the 48 pixel size


def profile(said, provider_id):
    """The URL of their profile page at the provider, or ""."""
    said = claims_of(said)
    if provider_id == "twitter_oauth2" and said.get("username"):
        return f"https://x.com/{said['username']}"
    return valid_url(said.get("html_url") or said.get("link") or said.get("profile") or "")


def session_data(login):
    """The data of a login that the session stores, for "You are commenting using your Google account."."""
    said, provider = login.account.extra_data, login.provider
    return {
        "id": login.account.provider,
        "name": str(provider),
        "person": login.user.name,
        "picture": picture(said),
        "profile": profile(said, login.account.provider),
    }


def addresses_in(said):
    """Every string with an "@" anywhere in the provider's data, unchanged."""
    if isinstance(said, dict):
        said = list(said.values())
    if isinstance(said, list):
        return [word for part in said for word in addresses_in(part)]
    return [said] if isinstance(said, str) and "@" in said else []


def valid_url(text):
    return text if isinstance(text, str) and text.startswith(("https://", "http://")) and len(text) <= 2000 else ""
