"""Compress responses that are not compressed yet: static files, cached pages and pictures are."""

from django.middleware.gzip import GZipMiddleware

from core import page_cache

COMPRESSIBLE_TYPES = (
    "text/",
    "application/json",
    "application/feed+json",
    "application/xml",
    "application/rss+xml",
    "application/atom+xml",
)


class CompressionMiddleware(GZipMiddleware):
    """Django's gzip (with its random padding against BREACH), for text only, never for streamed responses."""

    def process_response(self, request, response):
        if page_cache.will_be_cached(request):
            return response
        if response.streaming or not response.headers.get("Content-Type", "").startswith(COMPRESSIBLE_TYPES):
            return response
        return super().process_response(request, response)
