"""What `timetravel bench` shows: times, multiples of the bound, and what 1989's 23 epochs would take."""

from collections.abc import Mapping
from typing import Any

from timetravel.numbers import counted
from timetravel.report.grid import Cell, Grid, Section, Value, number


def sections(document: Mapping[str, Any]) -> list[Section]:
    """Return what was found with the table of times, or of a card's rates."""
    if "card" in document:
        return [of_card(document)]
    lines: list[list[Cell]] = []
    for row in document["rows"]:
        us = "not built" if row["us"] is None else Value(row["us"], ",.2f" if row["us"] < 100 else ",.0f")
        bound, whole = Value(row["over_bound"], ",.2f"), Value(row["seconds_of_23_epochs"], "duration")
        lines.append([row["label"], us, bound, whole])
    title = f"One thread, medians of {counted(document['repeats'], 'round')}"
    grid = Grid(title, ("what", "us a digit", "times the bound", "23 epochs"), lines)
    notes = [
        f"The bound is the rate of numpy's float32 matrix product: {document['sgemm_gflops']:.0f} GFLOP/s on one "
        f"thread. One image at a time makes {document['images_a_second']:,.0f} digits a second; the paper's signal "
        "processor made 30."
    ]
    if document["native_us"] is not None:
        notes.append(
            f"An eager loop takes {document['eager_over_native']:.0f} times as long as the compiled kernel; one eager "
            f"seed {document['eager_seed_over_8_seeds']:.0f} times as long as 8 seeds with the kernel on "
            f"{counted(document['workers'], 'core')}. Measuring 9,298 digits takes "
            f"{document['evaluate_share_of_an_epoch']:.2f} of an epoch of SGD."
        )
    if processor := document.get("provenance", {}).get("processor"):
        notes.append(f"Measured on: {processor}.")
    charts = [("figure", "The time of one example in each way of training, on a logarithmic axis.")]
    return [Section("", document["finding"], [grid], notes, charts=charts)]


def of_card(document: Mapping[str, Any]) -> Section:
    """Return what was found of a card, by how many nets it trains at once."""
    columns = [
        number("nets", "nets"),
        number("examples a second", "examples_a_second", ",.0f"),
        number("of the bound", "share_of_bound", ".1%"),
        number("times all cores", "times_all_cores", ",.1f"),
        number("times one core", "times_one_core", ",.1f"),
    ]
    notes = [f"1,000 nets of 1989-essay, 23 epochs each, would train in {document['seconds_of_1000_nets']:.1f} s."]
    return Section("", document["finding"], [Grid.of(document["card"], document["rows"], columns)], notes)
