"""A browser in words, from what it sends as its user agent."""

# The first that is named counts: others claim to be those below them.
_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("Chrome/", "Chrome"), ("CriOS", "Chrome"), ("Safari/", "Safari"),
    ("atlasnexus-client", "Atlas Nexus client"), ("curl/", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
MOST_SHOWN = 60


def browser_words(user_agent: str) -> str:
    """Such as "Firefox on Windows"; what is not known is shown as it was sent, cut short."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if not browser:
        return user_agent[:MOST_SHOWN] or "Not told"
    return f"{browser} on {system}" if system else browser
