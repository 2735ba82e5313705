"""Methods that no page has: OPTIONS is answered with those that there are, all others are refused."""

ALLOWED = ("GET", "HEAD", "POST", "OPTIONS")
HEADERS = [("Allow", ", ".join(ALLOWED)), ("Cache-Control", "private, no-store")]


class RequestMethods:
    """WSGI middleware: `application` gets GET, HEAD and POST alone."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            start_response("204 No Content", HEADERS)
            return []
        if method not in ALLOWED:
            start_response("405 Method Not Allowed", [*HEADERS, ("Content-Length", "0")])
            return []
        return self.application(environ, start_response)
