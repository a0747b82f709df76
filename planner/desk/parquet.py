"""Tables as parquet files: the same rows always give the same bytes.

Draws, a list per row, are packed into one fixed-width column of the smallest
type that loses nothing, so that they are small on disk and come back as arrays
without a loop over their values. Which columns a table has is not known here.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from planner.errors import RunError, TableError

COMPRESSION = "zstd"
DRAWS_COLUMN = "draws"
DRAWS_KIND = b"planner.draws"
SMALLEST_FIRST = ("int16", "int32", "float32")


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame without its index.

    Raises
    ------
    TableError
        If the draws of its rows are not equally many.
    """
    if DRAWS_COLUMN not in frame.columns or frame.empty:
        table = pa.Table.from_pandas(frame, preserve_index=False)
    else:
        plain = pa.Table.from_pandas(frame.drop(columns=DRAWS_COLUMN), preserve_index=False)
        table = plain.append_column(*_packed(frame[DRAWS_COLUMN]))
    pq.write_table(table, path, compression=COMPRESSION)


def read_table(path: Path) -> pd.DataFrame:
    """Return the frame that `write_table` wrote, values and types as they were.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    try:
        table = pq.read_table(path, partitioning=None)
    except (pa.ArrowException, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise RunError(f"{path} is damaged ({reason}); run its notebook again") from None
    place = table.schema.get_field_index(DRAWS_COLUMN)
    if place < 0 or not pa.types.is_fixed_size_list(table.schema.field(place).type):
        return table.to_pandas()
    frame = table.remove_column(place).to_pandas()
    frame[DRAWS_COLUMN] = _unpacked(table.schema.field(place), table.column(place))
    return frame


def row_count(path: Path) -> int:
    """Return the number of rows of a file, without reading them."""
    return pq.read_metadata(path).num_rows


def _packed(draws: pd.Series) -> tuple[pa.Field, pa.Array]:
    sizes = {len(row) for row in draws}
    if len(sizes) > 1:
        raise TableError(f"draws: rows hold {min(sizes)} to {max(sizes)} draws; give equally many")
    values = np.vstack(draws.to_list())
    kinds = (*SMALLEST_FIRST, values.dtype)
    small = next(values.astype(kind) for kind in kinds if _loses_nothing(values, kind))
    packed = pa.FixedSizeListArray.from_arrays(pa.array(small.ravel()), values.shape[1])
    kind = {DRAWS_KIND: str(values.dtype).encode()}
    return pa.field(DRAWS_COLUMN, packed.type, metadata=kind), packed


def _loses_nothing(values: np.ndarray, kind: object) -> bool:
    with np.errstate(all="ignore"):
        back = values.astype(kind).astype(values.dtype)
    return np.array_equal(back, values, equal_nan=values.dtype.kind == "f")


def _unpacked(field: pa.Field, column: pa.ChunkedArray) -> pd.Series:
    flat = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    kind = field.metadata[DRAWS_KIND].decode()
    rows = flat.astype(kind).reshape(len(column), field.type.list_size)
    return pd.Series(list(rows), dtype=object)
