"""What takes more than one request: jobs followed to their end, results as frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from atlasnexus_client import frames
from atlasnexus_client.core import Of, listing, verb
from atlasnexus_client.errors import JobFailed
from atlasnexus_client.follow import Bar, Following
from atlasnexus_client.operations import Operations
from atlasnexus_client.packs import verified_files
from atlasnexus_client.plans import Item, Items, Plan
from atlasnexus_client.shapes import Progress

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Names = Sequence[str]


class Verbs(Operations):
    """Every operation of the API, and what is made of several."""

    @listing
    def follow(self, job: Of) -> Items[Progress]:
        """Follows a job (a run, a pack, a simulation) to its end, whatever that is."""
        following = Following(self, job)
        while True:
            progress = yield from following.further()
            yield Item(progress)
            if progress["is_finished"]:
                return

    @verb
    def wait(self, job: Of, *, bar: bool = False) -> Plan[Progress]:
        """Waits until a job is done, with a progress bar where one is wanted; JobFailed where it ends otherwise."""
        following = Following(self, job)
        with Bar(job, is_wanted=bar) as shown:
            while True:
                progress = yield from following.further()
                shown.show(progress)
                if progress["is_finished"]:
                    break
        if progress["state"] != "done":
            raise JobFailed(progress)
        return progress

    @verb
    def polars_results(
        self, run: Of, *, column: Names = (), filter: Names = (), sort: Names = ()
    ) -> Plan[pl.DataFrame]:
        """Takes the rows of a run that pass the filters as a polars frame."""
        return frames.polars_frame((yield from _arrow(self, run, column, filter, sort)))

    @verb
    def pandas_results(
        self, run: Of, *, column: Names = (), filter: Names = (), sort: Names = ()
    ) -> Plan[pd.DataFrame]:
        """Takes the rows of a run that pass the filters as a pandas frame."""
        return frames.pandas_frame((yield from _arrow(self, run, column, filter, sort)))

    @verb
    def pack_files(self, pack: Of) -> Plan[dict[str, bytes]]:
        """Takes the files of an issued pack away, by name, each of them verified."""
        archive = yield from Operations.download_pack.plan(self, pack)
        issued = yield from Operations.read_pack.plan(self, pack)
        return verified_files(archive, issued["manifest_hash"])


def _arrow(client: Verbs, run: Of, column: Names, filter: Names, sort: Names) -> Plan[bytes]:
    return Operations.export_results.plan(client, run, format="arrow", column=column, filter=filter, sort=sort)
