"""All routers of the area, as its Lambda function and the one machine serve them."""

from feasibility.routes import router as feasibility_router
from feasibility.rows.routes import router as rows_router

ROUTERS = (feasibility_router, rows_router)
