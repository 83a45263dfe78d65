"""The compiled kernel, or None where no compiler was found when the package was installed."""

try:
    import timetravel.engine._kernel as kernel
except ImportError:
    kernel = None  # type: ignore[assignment]

__all__ = ["kernel"]
