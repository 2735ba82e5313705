"""Errors of the code, reported to a Sentry server if `SENTRY_DSN` names one: where an error happened, not to whom.

Sentry's own integrations would add the request, cookies, the person and local variables. Only the one for logging is
used, and `without_people` builds each report anew from what is on its lists: what somebody typed may stand in the
message of an exception, so there are no messages. The log of the blog has them.
"""

import platform

from django.core.exceptions import ImproperlyConfigured

from server.log_redaction import redact
from server.upgrade.programs import this_program

OF_A_FRAME = ("module", "function", "filename", "lineno", "pre_context", "context_line", "post_context", "in_app")
OF_AN_EXCEPTION = ("type", "module", "mechanism")
LOGGERS = {"accounts", "blog", "comments", "config", "core", "django", "server", "transfer"}
KEPT = ("event_id", "timestamp", "level", "platform", "logger", "release", "environment", "sdk")


def start(dsn):
    """Report what is logged as an error with an exception. Raises ImproperlyConfigured."""
    try:
        import sentry_sdk  # takes 8 MB: only where it is wanted
        from sentry_sdk.integrations.dedupe import DedupeIntegration
        from sentry_sdk.integrations.logging import LoggingIntegration
        from sentry_sdk.utils import BadDsn
    except ImportError:
        raise ImproperlyConfigured("SENTRY_DSN needs the package sentry-sdk, which is not installed.") from None
    try:
        sentry_sdk.init(
            dsn=dsn,
            release=f"longrun@{this_program().version}",
            environment="production",
            server_name="longrun",
            default_integrations=False,
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(level=None), DedupeIntegration()],
            before_send=without_people,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            traces_sample_rate=None,
            auto_session_tracking=False,
            send_client_reports=False,
            enable_backpressure_handling=False,
            spotlight=False,
            debug=False,
        )
    except BadDsn:
        raise ImproperlyConfigured("SENTRY_DSN is no address of a Sentry project (https://KEY@HOST/NUMBER).") from None


def without_people(event, hint):
    """The report that is sent for an event of Sentry's; None for a line of the log without an exception."""
    if "exception" not in event or "log_record" not in hint:
        return None
    record = hint["log_record"]
    kept = {name: event[name] for name in KEPT if name in event}
    kept["logentry"] = {"message": message(record)}
    kept["exception"] = {"values": [exception(each) for each in event["exception"].get("values", [])]}
    kept["contexts"] = {"runtime": {"name": "CPython", "version": platform.python_version()}}
    request = getattr(record, "request", None)
    if request is not None:
        kept["tags"] = {"method": request.method, "path": redact(request.path), "view": view_name(request)}
    return kept


def message(record):
    """The message as it stands in the code, without what was put into it; "" where other packages may put it in."""
    is_ours = record.name.partition(".")[0] in LOGGERS and isinstance(record.msg, str)
    return redact(record.msg) if is_ours else ""


def exception(each):
    kept = {name: each[name] for name in OF_AN_EXCEPTION if name in each}
    frames = (each.get("stacktrace") or {}).get("frames", [])
    shown = [{name: frame[name] for name in OF_A_FRAME if name in frame} for frame in frames]
    return kept | {"value": "", "stacktrace": {"frames": shown}}


def view_name(request):
    match = request.resolver_match
    return match.view_name if match else ""
