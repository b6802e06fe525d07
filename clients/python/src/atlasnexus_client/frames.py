"""Results as data frames, from the Arrow stream the API gives: types as the server has them, no text between."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


def polars_frame(stream: bytes) -> pl.DataFrame:
    """The rows of an Arrow stream, of the extra `polars`."""
    import polars as pl

    return pl.read_ipc_stream(BytesIO(stream))


def pandas_frame(stream: bytes) -> pd.DataFrame:
    """The rows of an Arrow stream, of the extra `pandas`."""
    import pandas as pd
    import pyarrow as pa

    with pa.ipc.open_stream(stream) as reader:
        frame: pd.DataFrame = reader.read_all().to_pandas(types_mapper=pd.ArrowDtype)
    return frame
