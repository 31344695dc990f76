"""All routers of the area, as its Lambda function and the one machine serve them."""

from runs.advisories.routes import router as advisories_router
from runs.attachments.routes import router as attachments_router
from runs.bundle.routes import router as bundle_router
from runs.explanations.routes import router as explanations_router
from runs.export.routes import router as export_router
from runs.lineage.routes import router as lineage_router
from runs.routes import router as runs_router
from runs.sheet.routes import router as sheet_router
from runs.uploads.routes import router as uploads_router

# Before the runs, whose `/{run_id}` would take `/export` for an id.
ROUTERS = (
    export_router,
    runs_router,
    advisories_router,
    uploads_router,
    attachments_router,
    explanations_router,
    lineage_router,
    sheet_router,
    bundle_router,
)
