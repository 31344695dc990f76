"""All routers of the area, as its Lambda function and the one machine serve them."""

from rmos.http.late_router import LateRouter

from runs.routes import router as runs_router

# The longer path before the one that it begins with, and before the runs, whose `/{run_id}` would take `/export`.
ROUTERS = (
    LateRouter("runs.export.routes", "/api/runs/export"),
    runs_router,
    LateRouter("runs.advisories.routes", "/api/runs/{run_id}/attach-advisory", "/api/runs/{run_id}/advisories"),
    LateRouter("runs.uploads.routes", "/api/runs/{run_id}/attachments/uploads"),
    LateRouter("runs.attachments.routes", "/api/runs/{run_id}/attachments"),
    LateRouter("runs.explanations.routes", "/api/runs/{run_id}/suggest-and-attach"),
    LateRouter("runs.lineage.routes", "/api/runs/{run_id}/lineage", "/api/runs/{run_id}/replay"),
    LateRouter("runs.sheet.routes", "/api/runs/{run_id}/sheet"),
    LateRouter("runs.bundle.routes", "/api/runs/{run_id}/bundle"),
)
