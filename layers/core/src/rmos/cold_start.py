"""What makes a Lambda function start sooner. A handler imports it before all else, for what it does then.

A quarter of an init would go into models that no request has needed yet, and into looking for garbage among what has
just been loaded. `python -m bench.cold_start` measures it.
"""

import gc
import warnings

from pydantic import BaseModel
from pydantic.warnings import UnsupportedFieldAttributeWarning

# What modules make when they are loaded stays; the first answer turns the collector on again.
gc.disable()
# Every model, FastAPI's of OpenAPI among them, is made when it is first used; most never are. pydantic makes a model
# under a lock, but not what FastAPI makes for a parameter: one event at a time is what allows this.
BaseModel.model_config["defer_build"] = True
# FastAPI silences this where it makes its parameters' types, which is now too early.
warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
