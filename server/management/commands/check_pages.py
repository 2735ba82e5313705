import http.client
import re
import socket
import subprocess
import sys
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from blog.models import Post
from server import web_server
from server.setup import owner_exists

PATIENCE = 120  # seconds until the server answers


class Command(BaseCommand):
    help = "Start the web server on a free port of this machine, ask it for the main pages, and end it: for `upgrade`."
    requires_system_checks = []

    def handle(self, **options):
        with socket.create_server(("127.0.0.1", 0)) as place:
            self.port = place.getsockname()[1]
        command = [sys.executable, "-m", *web_server.command("127.0.0.1", self.port)]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            self.wait(server)
            for path in paths():
                self.check(path)
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
        self.stdout.write("All pages answer.")

    def wait(self, server):
        deadline = time.monotonic() + PATIENCE
        while self.get("/health/")[0] != 200:
            if server.poll() is not None or time.monotonic() > deadline:
                raise CommandError("The web server does not answer.")
            time.sleep(0.1)

    def check(self, path):
        status, text = self.get(path)
        if status != 200:
            raise CommandError(f"{path} answers {status}.")
        for sheet in re.findall(r'<link rel="stylesheet" href="(/[^"]+)"', text)[:1]:
            if self.get(sheet)[0] != 200:
                raise CommandError(f"{sheet}, a style sheet of {path}, is missing.")

    def get(self, path):
        """(status, text) of a path; 0 if nobody answers."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request("GET", path, headers={"Host": settings.LONGRUN_HOST})
            answer = line.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()


def paths():
    """The home page, the newest post, the feed and the login: what readers and the owner need first."""
    if not owner_exists():
        return []
    newest = [post.get_absolute_url() for post in Post.objects.listed().order_by("-publish_at", "-pk")[:1]]
    return ["/", *newest, "/feed/", reverse("account_login")]
