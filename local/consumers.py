"""Which area does the work of which queue, in the worker of one machine."""

from collections.abc import Mapping

from rmos.settings import Settings
from rmos.storage.backend import Backend
from rmos.storage.queue import Message
from runs.explanations.service import QUEUE as EXPLANATIONS
from runs.explanations.worker import work_off

from local.worker import Consumer


def consumers_of(backend: Backend, settings: Settings) -> Mapping[str, Consumer]:
    """Return the function that does the work of each queue."""

    def explain(message: Message) -> None:
        work_off(backend, settings, settings.openai_api_key.get_secret_value, message.body)

    return {EXPLANATIONS: explain}
