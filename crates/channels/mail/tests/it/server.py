"""A mail server for tests, scripted by the name before the @ of the recipient.

  refuse…      550 at RCPT, repeating the address
  grey…        451 at RCPT the first time, then accepted
  drop…        the connection is cut after the answer to DATA, before the message is read
  cut…         the connection is cut after the message was read, before the answer
  deny…        554 after the message was read
  later…       452 after the message was read
  hold…        the answer after the message waits for the line "go" on standard input
  else         accepted

Each event is one line of JSON on standard output; the first says the port.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

seen = set()
go = None


def tell(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


def script(session_or_envelope):
    recipients = session_or_envelope.rcpt_tos
    return recipients[0].split("@")[0] if recipients else ""


async def take(hold, to, message_id):
    if hold:
        await go.wait()
        go.clear()
    tell("accepted", to=to, id=message_id)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name.startswith("refuse"):
            tell("refused", to=address)
            return f"550 5.1.1 <{address}>: no mailbox {name} here"
        if name.startswith("grey") and address not in seen:
            seen.add(address)
            tell("greylisted", to=address)
            return f"451 4.7.1 Greylisted, try again ({address})"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        body = message.get_body(("plain",))
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos[0],
            "secure": server.transport.get_extra_info("ssl_object") is not None,
            "login": bool(session.authenticated),
            "headers": {name: str(value) for name, value in message.items()},
            "defects": [str(d) for d in message.defects] + [str(d) for _, v in message.items() for d in v.defects],
            "longest": max(len(line) for line in envelope.original_content.split(b"\r\n")),
            "ascii": envelope.original_content.isascii(),
            "body": body.get_content() if body else "",
            "kind": message.get_content_type(),
        }
        name = script(envelope)
        tell("read", **facts)
        if name.startswith("cut"):
            server.transport.abort()
            return "421 cut"
        if name.startswith("deny"):
            return f"554 5.7.1 not from you to {envelope.rcpt_tos[0]}"
        if name.startswith("later"):
            return "452 4.3.1 no space"
        to, message_id = envelope.rcpt_tos[0], facts["headers"].get("Message-ID", "")
        # A client that goes away must not take back what this server has decided.
        await asyncio.shield(asyncio.create_task(take(name.startswith("hold"), to, message_id)))
        return "250 2.0.0 taken"


class Scripted(SMTP):
    async def smtp_DATA(self, arg):
        if script(self.envelope).startswith("drop"):
            await self.push("354 go on")
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def authenticate(server, session, envelope, mechanism, data):
    good = data.login == b"madoguchi" and data.password == b"right"
    return AuthResult(success=good, handled=False)


async def read_lines():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        if line.strip() == b"go":
            go.set()
    # Whoever started us is gone.
    asyncio.get_running_loop().stop()


async def main():
    global go
    parser = argparse.ArgumentParser()
    parser.add_argument("--security", choices=["none", "tls", "starttls"], default="none")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--login", action="store_true")
    options = parser.parse_args()
    go = asyncio.Event()
    context = None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    starttls = options.security == "starttls"

    def protocol():
        return Scripted(
            Handler(),
            hostname="mx.test",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            authenticator=authenticate,
            auth_required=options.login,
            auth_require_tls=False,
            data_size_limit=None,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        protocol, "127.0.0.1", 0, ssl=context if options.security == "tls" else None
    )
    tell("listening", port=server.sockets[0].getsockname()[1])
    await read_lines()


try:
    asyncio.run(main())
except (RuntimeError, KeyboardInterrupt):
    # The loop was stopped from within.
    pass
