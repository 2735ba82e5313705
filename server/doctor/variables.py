"""The names of all environment variables that Longrun reads, to find those that are misspelt.

A test compares them with docs/configuration.md, which a test compares with the code.
"""

VARIABLES = frozenset("""
LONGRUN_URL LONGRUN_ALSO_HOSTS LONGRUN_PROXIES HOST PORT LONGRUN_PAGE_CACHE_MB LONGRUN_LIMITS DEBUG LONGRUN_DATA
LONGRUN_APPS LONGRUN_MIRROR LONGRUN_STATIC LONGRUN_THIS_VERSION DATABASE_URL STORAGE_URL CACHE_URL SESSIONS SECRET_KEY
SECRET_KEY_FALLBACKS BACKUP_TO BACKUP_COMMAND BACKUP_PASSPHRASE
EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER EMAIL_HOST_PASSWORD EMAIL_USE_TLS EMAIL_PROVIDER EMAIL_API_KEY EMAIL_API_SECRET
EMAIL_API_URL EMAIL_SENDER_DOMAIN EMAIL_WEBHOOK_SECRET EMAIL_WEBHOOK_SIGNING_KEY DEFAULT_FROM_EMAIL
GOOGLE_CLIENT_ID GOOGLE_CLIENT_SECRET FACEBOOK_CLIENT_ID FACEBOOK_CLIENT_SECRET X_CLIENT_ID X_CLIENT_SECRET
GITHUB_CLIENT_ID GITHUB_CLIENT_SECRET WORDPRESS_COM_CLIENT_ID WORDPRESS_COM_CLIENT_SECRET WORDPRESS_COM_ISSUER
OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_ISSUER OIDC_NAME
DJANGO_SUPERUSER_EMAIL DJANGO_SUPERUSER_PASSWORD DJANGO_SUPERUSER_USERNAME
LONGRUN_LOG LONGRUN_LOG_PATH LONGRUN_METRICS_TOKEN SENTRY_DSN
""".split())  # fmt: skip

MAX_DISTANCE = 2  # letters that are missing, too many or others
LONG_NAME = 9  # letters; a name as long as this is close to one of ours only if that was meant


def misspelt(environment):
    """{name: the known one that is meant}, for names that begin like ours, or are long, and are nearly a known one."""
    found = {}
    for name in environment:
        said = name.removesuffix("_FILE")
        begins_like_ours = any(said.startswith(f"{known.split('_')[0]}_") for known in VARIABLES)
        if name in VARIABLES or said in VARIABLES or not (begins_like_ours or len(said) >= LONG_NAME):
            continue
        distance, meant = min((distance_between(said, known), known) for known in VARIABLES)
        if distance <= MAX_DISTANCE:
            found[name] = meant + name.removeprefix(said)
    return found


def distance_between(one, other):
    """The Levenshtein distance; MAX_DISTANCE + 1 if the lengths alone differ by more."""
    if abs(len(one) - len(other)) > MAX_DISTANCE:
        return MAX_DISTANCE + 1
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, their in enumerate(other, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != their)))
        above = line
    return above[-1]
