"""Sets up where a source's files are fetched from; tries it; takes it away."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from lib.reach import Unreachable
from lib.verbs import refuse, save_checked
from reconciliation.access import CONFIGURE, require_may
from reconciliation.channels import is_wanted
from reconciliation.channels.opening import open_place, spot_of
from reconciliation.models import Channel, ChannelKind, Fetch

TOLD = (
    "kind", "address", "region", "bucket", "user", "host_key", "folder", "pattern", "done_folder", "every_minutes", "is_active",
)  # fmt: skip
# Nobody looks through a network by trying.
REST = timedelta(seconds=10)
ERROR_LENGTH = 500


@transaction.atomic
def save_channel(*, by: User, channel: Channel) -> Channel:
    """The channel saved, fetched at the next look; Invalid for an address that is none or leads where none may."""
    require_may(by, CONFIGURE)
    channel.next_at, channel.failed_count = timezone.now(), 0
    if channel.kind == ChannelKind.S3 and not channel.bucket:
        raise refuse("bucket", "bucket", "Bucket: expected its name.")
    if channel.kind == ChannelKind.SFTP and channel.is_active and not channel.host_key:
        said = "expected the fingerprint of the server's key. Save it as not active and try the connection: it says which key the server shows."
        raise refuse("host_key", "host_key", f"Host key: {said}")
    if ".." in (*channel.folder.split("/"), *channel.done_folder.split("/")):
        raise refuse("folder", "folder", "Folder: expected a path without '..'.")
    if channel.kind in ChannelKind.values:
        spot_of(channel)
    save_checked(channel)
    after = {"source": channel.source.name, **{name: getattr(channel, name) for name in TOLD}}
    audit.record(by=by, action="reconciliation.channel_saved", target=channel, after=after)
    return channel


@transaction.atomic
def end_channel(*, by: User, channel: Channel) -> None:
    """Nothing is fetched any more; what was fetched stays."""
    require_may(by, CONFIGURE)
    before = {"source": channel.source.name, "address": channel.address, "user": channel.user}
    audit.record(by=by, action="reconciliation.channel_ended", target=channel, before=before)
    channel.delete()


def try_channel(*, by: User, channel: Channel) -> Fetch:
    """What a look at the place found, or why there was none; nothing is taken. Invalid within seconds of the last look."""
    require_may(by, CONFIGURE)
    require_rest(channel)
    trial = Fetch(channel=channel, is_trial=True)
    try:
        with open_place(channel) as place:
            trial.found_count = sum(is_wanted(found.name, channel.pattern) for found in place.files())
    except Unreachable as error:
        trial.error = str(error)[:ERROR_LENGTH]
    trial.save()
    return trial


def require_rest(channel: Channel) -> None:
    """Raises Invalid within seconds of the last look."""
    if channel.fetches.filter(at__gt=timezone.now() - REST).exists():
        raise refuse("too_soon", "channel", f"It was looked at just now: wait {REST.seconds} seconds.")
