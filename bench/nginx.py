"""The reference: nginx with one process, serving the same bytes as static files."""

import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

from tests.ports import free_port

CONFIGURATION = """
daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 16384; pid nginx.pid; error_log stderr;
events {{ worker_connections 8192; }}
http {{
  types {{ text/html html; application/xml xml; }}
  access_log off; sendfile on; gzip_static on; keepalive_requests 100000000;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  server {{ listen 127.0.0.1:{port}; root files; }}
}}
"""


def found():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


class Nginx:
    """Runs until `stop`; `put` adds a page, plain and gzipped. Raises RuntimeError if nginx does not start."""

    def __init__(self, folder):
        self.folder, self.port = Path(folder), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (self.folder / "files").mkdir(parents=True)
        (self.folder / "nginx.conf").write_text(CONFIGURATION.format(port=self.port))
        command = [found(), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        (self.folder / "files/up.html").write_text("up")
        for _ in range(200):
            if self.answers():
                return
            time.sleep(0.05)
        raise RuntimeError("nginx did not start")

    def answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/up.html", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    @property
    def pid(self):
        return self.process.pid

    def put(self, name, plain, gzipped):
        """Store a page and return its URL."""
        file = self.folder / "files" / f"{name}.html"
        file.write_bytes(plain)
        packed = file.with_suffix(".html.gz")
        packed.write_bytes(gzipped)
        os.utime(packed, (file.stat().st_mtime,) * 2)
        return f"{self.url}/{name}.html"

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
