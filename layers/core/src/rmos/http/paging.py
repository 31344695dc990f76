"""The two parameters of every list."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

MAX_PAGE = 200


@dataclass(frozen=True, slots=True)
class PageQuery:
    """How many lines, and the opaque cursor of the page before."""

    limit: int
    cursor: str | None


async def _page_query(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Lines on the page")] = 50,
    cursor: Annotated[
        str | None, Query(min_length=1, max_length=2_048, description="`next_cursor` of the page before, same filters")
    ] = None,
) -> PageQuery:
    return PageQuery(limit, cursor)


Paging = Annotated[PageQuery, Depends(_page_query)]
