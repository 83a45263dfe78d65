"""Numbers for people."""

from timetravel.numbers import counted, duration, exact, interval, rough, rough_time, short, significant, times, write

WRITTEN = {
    short: {
        0: "0", 5.7e-5: "5.7e-5", 0.0304: "0.030", 0.9: "0.90", 1: "1.0", 9.96: "10", 90: "90", 1728: "1,700",
        9960: "1.0e4", 2.37e8: "2.4e8", 1.048e23: "1.0e23",
    },
    exact: {63660: "63,660", 442368: "442,368", 1e9: "1.0e9", 0.83: "0.83", 1866496: "1.9e6"},
    times: {1 / 2880: "1/2,900", 137155: "1.4e5"},
    rough: {0: "0", 2.1e-5: "2e-5", 0.0202: "0.02", 0.79: "0.8", 617: "600", 9_600: "1e4", 8.7e30: "9e30"},
    rough_time: {
        9.2e-6: "9e-6 s", 0.2228: "0.22 s", 7.72: "7.7 s", 60: "1 min", 380: "6.3 min", 13_172: "3.7 h",
        660_398: "7.6 days", 22_887_786: "260 days", 5.0937e10: "1,600 years", 4.9e12: "2e5 years",
    },
    duration: {
        0.012: "12 ms", 0.83: "0.8 s", 42: "42 s", 90: "1 min 30 s", 120: "2 min", 3600: "1 h", 7500: "2 h 5 min",
        259200: "3 days", 4e10: "1,268 years",
    },
}  # fmt: skip


def test_numbers_are_written_to_the_digits_that_they_deserve():
    for write_, cases in WRITTEN.items():
        for value, text in cases.items():
            assert write_(value) == text, (write_.__name__, value)
    assert significant(1571000000000.0022) == 1571000000000
    assert significant(0.123456789, 2) == 0.12


def test_counts_intervals_and_forms():
    assert (counted(1, "seed"), counted(167693, "example")) == ("1 seed", "167,693 examples")
    assert interval(82.34, 80.2, 84.7, ".1f", ".0f") == "82.3 [80, 85]"
    assert interval(82.34, None, None) == "82.3"
    for value, form, text in (
        (None, ".1f", ""), (-0.001, ".1f", "0.0"), (1700, "short", "1,700"), (0.4, "duration", "0.4 s"),
    ):  # fmt: skip
        assert write(value, form) == text
