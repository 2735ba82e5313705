"""All URLs, the most specific first; the patterns at the end match posts, pages and redirects by path."""

from django.shortcuts import redirect
from django.urls import include, path
from django.views.generic import RedirectView

import accounts.urls
import blog.urls
import comments.urls
from blog.models import Redirect
from config import own_apps
from core import page_cache
from server import error_pages, health, metrics, setup
from server.backups import views as backups
from server.doctor.views import status_page
from server.email_pages import views as letters
from server.email_pages import webhooks


@page_cache.cache_for_guests
def login_of_wordpress(request):
    """Most who request it are scanners, so the redirect is cached as a page is."""
    page_cache.cache_also(request)
    return redirect("account_login")


urlpatterns = [
    path("health/", error_pages.health, name="health"),
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("setup/<str:token>/", setup.setup_page, name="setup"),
    path("desk/backups/", backups.backup_list, name="desk_backups"),
    path("desk/backups/drill/", backups.start_drill, name="desk_restore_drill"),
    path("desk/status/", status_page, name="desk_status"),
    path("desk/backups/<slug:name>.zip", backups.download, name="desk_backup"),
    path("desk/emails/", letters.email_list, name="desk_emails"),
    path("desk/emails/test/", letters.send_test, name="desk_email_test"),
    path("desk/emails/events/", webhooks.events, name="mail_events"),
    path("desk/emails/<int:pk>/", letters.email_detail, name="desk_email"),
    path("desk/emails/<int:pk>/again/", letters.resend, name="desk_email_resend"),
    path("desk/people/<int:pk>/", accounts.urls.helper, {"moved": Redirect.keep}, name="desk_staff_member"),
    *own_apps.desk_urls(),
    path("desk/", include(accounts.urls.desk)),
    path("desk/", include("transfer.desk.urls")),
    path("desk/", include("comments.desk.urls")),
    path("desk/", include("blog.desk.urls")),
    path("accounts/me/", include(comments.urls.mine)),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("accounts.allauth_urls")),
    path("comments/", include("comments.urls")),
    # WordPress's paths, and the well-known URL for changing a password.
    path("wp-login.php", login_of_wordpress),
    path("wp-admin/", RedirectView.as_view(pattern_name="desk")),
    path(".well-known/change-password", RedirectView.as_view(pattern_name="account_change_password")),
    path("", include("blog.urls")),
    *comments.urls.by_path,
    *blog.urls.by_path,
]
handler404 = "blog.views.not_found"
handler500 = "server.error_pages.server_error"
