"""Train the digit net of 1989 as its authors did, as 2022 would, and argue about 2055.

Every command is a call: `import timetravel as tt`, then `tt.train("1989", seeds=3)`. What is slow to import comes when
it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from timetravel.version import __version__

if TYPE_CHECKING:
    from timetravel import digits
    from timetravel.api.functions import front
    from timetravel.api.results import Result, load
    from timetravel.eras import ERAS
    from timetravel.errors import TimetravelError
    from timetravel.recipes import Recipe
    from timetravel.tweaks import TWEAKS, Tweak

    bench = compare = export = extrapolate = foundation = interpretations = look = modernize = front("")
    page = predict = scale_data = scale_model = train = tune = front("")

__all__ = ["ERAS", "TWEAKS", "Recipe", "Result", "TimetravelError", "Tweak", "__version__", "bench", "digits", "load"]
__all__ += ["compare", "export", "extrapolate", "foundation", "interpretations", "look", "modernize", "page"]
__all__ += ["predict", "scale_data", "scale_model", "train", "tune"]
_WHERE = {"ERAS": "eras", "TWEAKS": "tweaks", "Tweak": "tweaks", "Recipe": "recipes", "TimetravelError": "errors"}
_WHERE |= dict.fromkeys(("Result", "load"), "api.results")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'timetravel' has no attribute {name!r}")
    if name == "digits":
        return import_module("timetravel.digits")  # which can be called
    if name in _WHERE:
        found = getattr(import_module(f"timetravel.{_WHERE[name]}"), name)
    else:
        found = import_module("timetravel.api.functions").front(name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
