"""Every address of the blog, most particular first; what is left over is a post, a page or an old address."""

from django.urls import path

from config import errors

urlpatterns = [
    path("health/", errors.health, name="health"),
]
handler404 = "config.errors.not_found"
