"""Django's settings. docs/configuration.md lists what an owner may set; `config.environment` reads it."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import folders
from config.backup_copies import backup_command, backup_passphrase, backup_to
from config.environment import (
    cache_url,
    choice,
    data_folder,
    database,
    env,
    login_providers,
    login_variables,
    media_storage,
    number,
    session_place,
    site_url,
    switch,
    words,
)
from config.named_apps import named_apps
from config.secret_key import secret_key
from server.email_providers import default_from_email, mail_provider

BASE_DIR = folders.HERE
LONGRUN_DATA = data_folder()
DEBUG = switch("DEBUG")
SECRET_KEY = secret_key(LONGRUN_DATA)
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
PORT = number("PORT", 8000)

# Hosts, absolute URLs and secure cookies are derived from this URL.
LONGRUN_URL = site_url(PORT)
LONGRUN_HOST = urlsplit(LONGRUN_URL).netloc
LONGRUN_HTTPS = LONGRUN_URL.startswith("https:")
LONGRUN_ALSO_HOSTS = words("LONGRUN_ALSO_HOSTS")
LONGRUN_LIMITS = switch("LONGRUN_LIMITS", default=True)
LONGRUN_LOG = choice("LONGRUN_LOG", ("off", "plain", "json"))
LONGRUN_LOG_PATH = env("LONGRUN_LOG_PATH")
LONGRUN_METRICS_TOKEN = env("LONGRUN_METRICS_TOKEN")
SENTRY_DSN = env("SENTRY_DSN")
# No page cache in development: a changed template does not increment the cache version.
LONGRUN_PAGE_CACHE_MB = number("LONGRUN_PAGE_CACHE_MB", 0 if DEBUG else 32)
SAFE_FETCH_ALLOWED: list[str] = []
TRUSTED_PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT = number("LONGRUN_PROXIES", 0)
ALLOWED_HOSTS = [urlsplit(LONGRUN_URL).hostname, *(host.partition(":")[0] for host in LONGRUN_ALSO_HOSTS)]
CSRF_TRUSTED_ORIGINS = [LONGRUN_URL]
CSRF_FAILURE_VIEW = "server.error_pages.csrf_failure"

INSTALLED_APPS = [
    "server",  # before django.contrib.auth: its createsuperuser sets up the whole blog
    "transfer",
    "comments",
    "blog",
    "accounts",
    "core",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.forms",  # its templates, for FORM_RENDERER
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
]
# Of the owner's own, after ours: docs/customizing.md.
LONGRUN_APPS = named_apps(LONGRUN_DATA)
INSTALLED_APPS += LONGRUN_APPS
MIDDLEWARE = [
    "server.error_pages.ReadOnlyMiddleware",
    "core.page_cache.NoStoreMiddleware",
    "server.canonical_host.CanonicalHostMiddleware",
    "server.health.LiveMiddleware",
    "server.slow_pages.SlowPagesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "server.security_headers.PermissionsPolicyMiddleware",
    "server.security_headers.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "server.compression.CompressionMiddleware",
    "server.security_headers.EmbedSourcesMiddleware",
    "server.setup.SetupMiddleware",
    "server.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "blog.layout.SiteLocaleMiddleware",
    "accounts.provider_redirect.ProviderRedirectMiddleware",
    "server.error_pages.BusyMiddleware",
]
ROOT_URLCONF = "config.urls"
APPEND_SLASH = False  # blog.redirects does it: a pattern matches every path, so that Django would look in vain
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "core.template_overrides.Templates",
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            # Templates of the data folder first.
            "loaders": [
                (
                    "core.template_overrides.Loader",
                    [
                        "core.template_overrides.FolderLoader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "blog.layout.context",
            ],
        },
    }
]
# Uses templates/django/forms, where each field has a text direction.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": database(LONGRUN_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHE_URL = cache_url()
if CACHE_URL:
    shared = {"LOCATION": CACHE_URL, "KEY_PREFIX": LONGRUN_HOST}  # several blogs may share one Redis
    CACHES = {"default": shared | {"BACKEND": "core.shared_cache.SharedCache"},
              "sessions": shared | {"BACKEND": "core.shared_cache.SessionCache"}}  # fmt: skip
else:
    # Large enough for the rate limits of many networks at once: an evicted counter starts again at 0.
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 20_000}}
    CACHES = {"default": memory}
if session_place(CACHE_URL) == "cache":
    SESSION_ENGINE, SESSION_CACHE_ALIAS = "core.shared_cache", "sessions"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "long"]}}

# Times are stored in UTC; pages use the blog's language and time zone (blog.layout.SiteLocaleMiddleware).
LANGUAGE_CODE = "en"
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "locale"]
# For languages without formats in Django: 24 hours, day first.
DATE_FORMAT, DATETIME_FORMAT, TIME_FORMAT = "j F Y", "j F Y, H:i", "H:i"
SHORT_DATE_FORMAT, SHORT_DATETIME_FORMAT = "d/m/Y", "d/m/Y, H:i"

STATIC_URL = "/static/"
STATIC_ROOT = env("LONGRUN_STATIC") or folders.static_folder(LONGRUN_DATA)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["server.static_files.BundleFinder", "django.contrib.staticfiles.finders.AppDirectoriesFinder"]
MEDIA_ROOT, MEDIA_STORAGE = media_storage(LONGRUN_DATA, env("STORAGE_URL"))
LONGRUN_MIRROR = env("LONGRUN_MIRROR")
BACKUP_TO, BACKUP_COMMAND, BACKUP_PASSPHRASE = backup_to(LONGRUN_DATA), backup_command(), backup_passphrase()
MEDIA_URL = "/media/"
STORAGES = {
    "default": MEDIA_STORAGE,
    "staticfiles": {"BACKEND": "server.static_files.HashedStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Limits form data without files; uploads (pictures 20 MB, recordings 100 MB) go to temporary files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = number("EMAIL_PORT", 587 if switch("EMAIL_USE_TLS", default=bool(EMAIL_HOST)) else 25)
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = EMAIL_PORT == 465  # implicit TLS; other ports use STARTTLS
EMAIL_USE_TLS = switch("EMAIL_USE_TLS", default=EMAIL_PORT == 587) and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 20
EMAIL_PROVIDER, ANYMAIL = mail_provider()
if EMAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{EMAIL_PROVIDER}.EmailBackend"
    INSTALLED_APPS.append("anymail")
DEFAULT_FROM_EMAIL = default_from_email(f"blog@{urlsplit(LONGRUN_URL).hostname}")

# Authentication: readers log in by allauth's providers, staff by email and password.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.permissions.RoleBackend", "allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}  # the username is internal
# There is no sign-up form, but allauth reads this elsewhere too: without "email*" a provider login with a known address
# raises an error, without "password1*" the login form has no password field.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # for an added address; accounts.adapters skips it at a login
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
# accounts.adapters also limits by email address and network.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip"} if LONGRUN_LIMITS else False
ACCOUNT_USER_DISPLAY = str
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # addresses without an account get no email
ACCOUNT_CHANGE_EMAIL = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_EMAIL_NOTIFICATIONS = True
# A passkey is enough to log in; for staff with a password it is also a second factor (accounts.mfa).
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factors.SecondFactorForm",
    "reauthenticate": "accounts.second_factors.ReauthenticationForm",
    "add_webauthn": "accounts.webauthn.AddForm",
    "login_webauthn": "accounts.webauthn.LoginForm",
    "authenticate_webauthn": "accounts.webauthn.SecondFactorForm",
    "reauthenticate_webauthn": "accounts.webauthn.ReauthenticationForm",
}
PASSWORD_RESET_TIMEOUT = 3600
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAdapter"
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = login_providers()
# Only what is configured: a provider loads `requests`, 5 MB.
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
LOGIN_VARIABLES = login_variables()

# Pictures may come from other hosts (imported posts link to them); a page with embeds adds their
# hosts to frame-src (server.security_headers).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "https:", "data:"],
        "media-src": [SELF, "https:"],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = LONGRUN_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if LONGRUN_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
# HSTS for subdomains and preloading is the domain owner's decision; frame-ancestors above replaces X-Frame-Options.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W005", "security.W021"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "class": "server.log_redaction.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {
        "set_up": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: not hasattr(getattr(record, "request", None), "is_expected_error"),
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO" if DEBUG else "WARNING"},
    "loggers": {
        "django.request": {"filters": ["set_up"]},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},  # of `make dev`
    },
}
