"""Train the digit net of 1989 as its authors did, as 2022 would, and argue about 2055.

Every command is a call: `import timetravel as tt`, then `tt.train("1989", seeds=3)`. What is slow to import comes when
it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from timetravel.version import __version__ as __version__

if TYPE_CHECKING:
    from timetravel import digits as digits
    from timetravel.api.functions import compare as compare
    from timetravel.api.functions import extrapolate as extrapolate
    from timetravel.api.functions import interpretations as interpretations
    from timetravel.api.functions import load as load
    from timetravel.api.functions import modernize as modernize
    from timetravel.api.functions import scale_data as scale_data
    from timetravel.api.functions import scale_model as scale_model
    from timetravel.api.functions import train as train
    from timetravel.api.functions import tune as tune
    from timetravel.api.results import Result as Result
    from timetravel.eras import ERAS as ERAS
    from timetravel.errors import TimetravelError as TimetravelError
    from timetravel.recipes import Recipe as Recipe
    from timetravel.tweaks import TWEAKS as TWEAKS
    from timetravel.tweaks import Tweak as Tweak

_CALLS = "train modernize scale_data scale_model extrapolate tune interpretations compare load"
_WHERE = dict.fromkeys(_CALLS.split(), "api.functions") | {
    "digits": "",
    "Result": "api.results",
    "ERAS": "eras",
    "TimetravelError": "errors",
    "Recipe": "recipes",
    "TWEAKS": "tweaks",
    "Tweak": "tweaks",
}
__all__ = ["__version__", *_WHERE]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'timetravel' has no attribute {name!r}")
    if not _WHERE[name]:
        return import_module(f"timetravel.{name}")
    found = globals()[name] = getattr(import_module(f"timetravel.{_WHERE[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
