"""A real SMTP server on this machine, as friendly or unfriendly as a test wants it."""

import socket

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Inbox:
    """What arrived, and how the server answers: set `recipient`, `data` or `sender` to a reply of your own."""

    def __init__(self):
        self.emails = []
        self.recipient = self.data = self.sender = "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender.startswith("250"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):
        if self.data.startswith("250"):
            self.emails.append(envelope)
        return self.data


class Server(Controller):
    """`tls` is a server's ssl context if it offers STARTTLS, `deaf` makes it refuse after offering; with
    `tls_at_once` it speaks TLS from the first byte."""

    def __init__(self, inbox, *, tls=None, deaf=False, tls_at_once=None):
        self.tls, self.deaf = tls, deaf
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        super().__init__(inbox, hostname="127.0.0.1", port=port, ssl_context=tls_at_once)

    def factory(self):
        speaker = DeafSMTP if self.deaf else SMTP
        return speaker(self.handler, hostname="localhost", tls_context=self.tls)


class DeafSMTP(SMTP):
    async def smtp_EHLO(self, hostname):
        await self.push(b"250-localhost\r\n250-STARTTLS\r\n250 HELP")
        self.session.extended_smtp, self.session.host_name = True, hostname

    async def smtp_STARTTLS(self, arg):
        await self.push(b"454 TLS not available")
