"""Which mail servers may tell of an address that it is dead, by the domain that a report comes from.

Whoever got a copy of a letter of ours knows its signed id and its other recipients, so that they can write a report in
the name of any domain. Believed are servers on the way alone: those of the recipient's domain, our own, and those that we
hand our mail to or take it from. Large hosts report in their own name, whatever domain they keep the mail of. A domain
that is forged all the same is for DMARC to find.
"""

import re
from collections.abc import Iterable

HOSTS = frozenset(
    # Those that keep the mail of other people's domains, and those that send for others.
    (
        "googlemail.com", "google.com", "gmail.com", "outlook.com", "hotmail.com", "office365.com", "microsoft.com",
        "yahoo.com", "yahoo.net", "yahoodns.net", "aol.com", "apple.com", "icloud.com", "me.com", "zoho.com", "zoho.eu",
        "zohomail.com", "amazonses.com", "amazonaws.com", "sendgrid.net", "mailgun.org", "mtasv.net", "sparkpostmail.com",
        "mailjet.com", "sendinblue.com", "mandrillapp.com", "mimecast.com", "pphosted.com", "ppe-hosted.com",
        "messagelabs.com", "barracudanetworks.com", "iphmx.com", "hornetsecurity.com", "trendmicro.com", "sophos.com",
        "messagingengine.com", "fastmail.com", "protonmail.ch", "proton.me", "secureserver.net", "emailsrvr.com",
        "hostedemail.com", "registrar-servers.com", "privateemail.com", "hostinger.com", "titan.email", "one.com",
        "kundenserver.de", "ui-dns.de", "ionos.com", "ionos.de", "1and1.com", "gmx.net", "gmx.de", "web.de", "mail.com",
        "t-online.de", "strato.de", "rzone.de", "hosteurope.de", "all-inkl.com", "kasserver.com", "your-server.de",
        "mailbox.org", "posteo.de", "ovh.net", "ovh.com", "gandi.net", "orange.fr", "free.fr", "laposte.net", "sfr.fr",
        "infomaniak.ch", "hostpoint.ch", "aruba.it", "arubabusiness.it", "libero.it", "telenet.be", "transip.email",
        "simply.com", "loopia.se", "home.pl", "wp.pl", "onet.pl", "seznam.cz", "email.cz", "yandex.ru", "yandex.net",
        "yandex.com", "mail.ru", "rambler.ru", "ukr.net", "qq.com", "163.com", "126.com", "aliyun.com", "naver.com",
        "daum.net", "kakao.com", "nifty.com", "uol.com.br", "locaweb.com.br", "terra.com.br",
    )
)  # fmt: skip
"""Of each, its own domain and those below."""
NUMBERED = re.compile(r"[\d.:\[\]]*")


def on_the_way(reporter: str, recipient: str, ours: Iterable[str]) -> bool:
    """Whether a server in the domain `reporter` may speak of a mailbox in the domain `recipient`.

    `ours`: our domains, and the hosts that our mail goes through. All are canonical domains.
    """
    if not reporter or "." not in reporter or NUMBERED.fullmatch(reporter):
        return False
    if _within(reporter, recipient) or (_within(recipient, reporter) and _registered(reporter)):
        return True
    return any(_within(reporter, each) for each in (*HOSTS, *_with_parents(ours)))


def _with_parents(hosts: Iterable[str]) -> set[str]:
    """`smtp.provider.example` speaks for provider.example."""
    found: set[str] = set()
    for host in hosts:
        if not NUMBERED.fullmatch(host) and "." in host:
            parent = host.partition(".")[2]
            found |= {host, parent} if _registered(parent) else {host}
    return found


def _within(domain: str, of: str) -> bool:
    return bool(of) and (domain == of or domain.endswith(f".{of}"))


def _registered(domain: str) -> bool:
    """Whether it can be somebody's, and is no registry's: "b.example", but not "example" or "co.uk"."""
    labels = domain.split(".")
    return len(labels) > 2 or (len(labels) == 2 and not (len(labels[1]) == 2 and len(labels[0]) <= 3))
