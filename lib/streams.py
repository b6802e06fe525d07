"""Files that are made while they are sent."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async


async def in_background(pieces: Iterator[bytes], *, on_one_thread: bool = False) -> AsyncIterator[bytes]:
    """The same pieces for an async response, each made in a thread; a plain iterator would be gathered in memory.

    `on_one_thread`, the request's own, is for pieces that ask the database: its connection ends with the request.
    """
    following = sync_to_async(lambda: next(pieces, None), thread_sensitive=on_one_thread)
    while (piece := await following()) is not None:
        yield piece
