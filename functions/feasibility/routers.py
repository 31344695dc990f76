"""All routers of the area, as its Lambda function and the one machine serve them."""

from rmos.http.late_router import LateRouter

from feasibility.routes import router as feasibility_router

_PREFIX = "/api/rmos/feasibility"

ROUTERS = (
    feasibility_router,
    LateRouter(
        "feasibility.rows.routes",
        f"{_PREFIX}/materials",
        f"{_PREFIX}/tools",
        f"{_PREFIX}/machines",
        f"{_PREFIX}/presets",
    ),
)
