"""A mail provider's API on this machine: takes what is posted, and answers as the provider's documentation has it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What each says of one email that it took, and how it calls the email there.
ACCEPTED = {
    "brevo": {"messageId": "<taken-1@brevo>"},
    "mailersend": {},
    "mailgun": {"id": "<taken-1@mailgun>", "message": "Queued. Thank you."},
    "mailjet": {
        "Messages": [{"Status": "success", "To": [{"Email": "ada@example.org", "MessageID": 456, "MessageUUID": "u"}]}]
    },
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "taken-1-postmark", "To": "ada@example.org"},
    "resend": {"id": "taken-1-resend"},
    "sparkpost": {
        "results": {"total_rejected_recipients": 0, "total_accepted_recipients": 1, "id": "taken-1-sparkpost"}
    },
}
NAMES = {"mailersend": "taken-1-mailersend", "mailjet": "456"}


def name_of_the_email(provider):
    answer = ACCEPTED[provider]
    known = [answer.get("messageId"), answer.get("id"), answer.get("MessageID"), answer.get("results", {}).get("id")]
    return NAMES.get(provider) or next(each for each in known if each)


class Provider(ThreadingHTTPServer):
    """`status` and `answer` may be set to what a test wants to hear; `requests` are (path, headers, body)."""

    daemon_threads = True

    def __init__(self, provider):
        super().__init__(("127.0.0.1", 0), Desk)
        self.status, self.answer, self.requests = 200, ACCEPTED[provider], []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/api/"

    def close(self):
        self.shutdown()
        self.server_close()


class Desk(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers, body.decode()))
        answer = self.server.answer
        said = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.send_header("X-Message-Id", NAMES["mailersend"])
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *words):
        """What was asked is in `requests`."""
