"""What gives a machine away, and how sure one can be: every name and number that the grading of hits may be tuned by.

EDITION changes with any of them, so that grades given by others are known for what they are.
"""

from datetime import timedelta
from hashlib import blake2b
from typing import Final

RULES: Final = 1  # one more whenever the rules in hits.py or crowds.py make something else of the same numbers

# Parts of agent names, in lower case. "barracuda": "Barracuda Sentinel (EE)", github.com/JayBizzle/Crawler-Detect
# issue 552. "edge/12.246": the frozen browser that Microsoft's and Google's filters show, github.com/jdavidbakr/
# mail-tracker issue 255. The rest name themselves so in their own documentation: gateways, crawlers, preview makers,
# and the libraries that scanners are written with; no browser or mail client carries any of them.
SCANNER_AGENTS: Final = (
    "barracuda",
    "proofpoint",
    "mimecast",
    "edge/12.246",
    "headlesschrome",
    "bot/",
    "bot;",
    "crawler",
    "spider",
    "slurp",
    "facebookexternalhit",
    "bingpreview",
    "skypeuripreview",
    "curl/",
    "wget/",
    "python-",
    "python/",
    "aiohttp/",
    "go-http-client/",
    "apache-httpclient/",
    "java/",
    "libwww-perl/",
    "node-fetch",
    "axios/",
)
IMAGE_PROXIES: Final = ("googleimageproxy",)  # Gmail fetches through it when a person opens the mail
PRIVACY_PROXY: Final = "mozilla/5.0"  # bare: Apple's proxy fetches every image, opened or not
AHEAD_OF_TIME: Final = ("prefetch", "prerender", "preview")  # what Sec-Purpose, Purpose and X-Moz say of a guess

MACHINE_AGE: Final = timedelta(seconds=10)  # since the mail server took the mail
SUSPECT_AGE: Final = timedelta(minutes=5)
BURST_SPAN, BURST_LINKS = timedelta(seconds=2), 3
SWEEP_SPAN, SWEEP_SHARE = timedelta(seconds=10), 0.8
TRAP_SPAN: Final = timedelta(seconds=30)  # whoever followed the link that nobody sees made what is so near, too
# One address and agent on the mails of so many enrolments: two colleagues behind one hospital's address are no crowd.
CROWD_SPAN, CROWD_SIZE = timedelta(seconds=60), 3
READING_TIME: Final = timedelta(seconds=1.5)  # a person needs at least so long between page and press
SESSION_SPAN: Final = timedelta(minutes=30)
REPEAT_SPAN: Final = timedelta(seconds=60)  # a second open within it is no new one

EDITION: Final = blake2b(
    repr([(name, told) for name, told in sorted(globals().items()) if name.isupper()]).encode(), digest_size=6
).hexdigest()
