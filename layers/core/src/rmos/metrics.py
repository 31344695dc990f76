"""Metrics of CloudWatch, as lines of the log in its embedded metric format."""

from aws_lambda_powertools.metrics import Metrics, MetricUnit, single_metric

from rmos.request_context import current_request_id


def count(name: str, value: int = 1, **dimensions: str) -> None:
    """Add `value` to a metric; nothing happens where POWERTOOLS_METRICS_NAMESPACE is not set, as on one machine.

    A dimension has few values: CloudWatch bills each as a metric of its own.
    """
    if Metrics().namespace is None:
        return
    with single_metric(name=name, unit=MetricUnit.Count, value=value, default_dimensions=dimensions) as metric:
        request_id = current_request_id.get()
        if request_id is not None:
            metric.add_metadata("correlation_id", request_id)
