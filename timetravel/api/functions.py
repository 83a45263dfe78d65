"""`import timetravel as tt`: every command as one call, which returns a result."""

import inspect
from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Any

from timetravel.api import calls, results
from timetravel.api.calls import Call
from timetravel.errors import plainly

if TYPE_CHECKING:
    from timetravel.api.results import Result


def front(command: Callable[..., Any], *names: str, **defaults: Any) -> Callable[..., "Result"]:
    """Return what calls a command: it takes the command's own options and, with their defaults, those of `Call`.

    names: of these options; all, where none is given. With `progress` a bar tells how far it has come.
    """
    own = [each for each in inspect.signature(command).parameters.values() if each.name != "call"]
    usual = {each.name: each.default for each in fields(Call) if not names or each.name in names}
    usual |= {"seeds": calls.SEEDS[command.__name__]} | defaults
    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [inspect.Parameter(name, keyword, default=default) for name, default in usual.items()]
    shared.append(inspect.Parameter("progress", keyword, default=True))
    signature = inspect.Signature([*own, *shared])

    @wraps(command)
    def called(*given: Any, **named: Any) -> "Result":
        asked = signature.bind(*given, **named).arguments
        typed = f"tt.{command.__name__}({', '.join([*map(repr, given), *(f'{k}={v!r}' for k, v in named.items())])})"
        told = {name: asked.pop(name, usual[name]) for name in usual if name != "seeds"}
        call = Call(**told, seeds=asked.pop("seeds", None))
        progress = asked.pop("progress", True)
        study = command(call, **asked)
        from timetravel.api.progress import progress_of
        from timetravel.studies.base import carry_out

        workshop = calls.open_workshop(call)
        telling = progress_of(study, workshop, quiet=not progress, notes=False)
        return results.Result(carry_out(study, workshop, telling, typed, call.minutes or study.minutes))

    called.__signature__ = signature  # type: ignore[attr-defined]
    return plainly(called)


train = front(calls.train)
modernize = front(calls.modernize)
scale_data = front(calls.scale_data)
scale_model = front(calls.scale_model, backend="torch")
interpretations = front(calls.interpretations, *calls.ON_FOLDS, data="usps")
tune = front(calls.tune, *calls.ON_FOLDS)


@wraps(calls.extrapolate)
def _extrapolate(*given: Any, **named: Any) -> "Result":
    return results.Result(calls.extrapolate(*given, **named))


@wraps(calls.compare)
def _compare(*given: Any, **named: Any) -> "Result":
    return results.Result(calls.compare(*given, **named))


extrapolate, compare, load = plainly(_extrapolate), plainly(_compare), plainly(results.load)
