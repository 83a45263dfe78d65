"""The assumptions and the TOML file that changes them."""

import pytest

from timetravel.errors import UsageError
from timetravel.projection.assumptions import defaults, read_file

BAD = {
    "[budget_shares]\nvalue = 1": ("'budget_shares'", "Did you mean budget_share?"),
    "[budget_share]\nlower = 1": ("'lower'", "Did you mean low?"),
    "[budget_share]\nhigh = 2": ("budget_share can't be 2", "1e-07 to 1"),
    "[budget_share]\nlow = 0.5\nhigh = 0.1": ("backwards",),
    "[budget_share]\nvalue = 0.5\nhigh = 0.6": ("both value and a range",),
    "[budget_share]\nlow = 'much'": ("'much'",),
    "[budget_share]\nlow = nan": ("nan",),
    "[budget_share]\nlow = true": ("True",),
    "budget_share = 3": ("not a table",),
    "[budget_share": ("not TOML",),
    f"[budget_share]\nvalue = {'9' * 5000}": ("too long",),
    f"[budget_share]\nvalue = 0x{'f' * 5000}": ("a number so long",),
    f"[budget_share]\nvalue = {'[' * 5000}{']' * 5000}": ("too deep",),
    f"[budget_share]\nvalue = '{'x' * 500}'": ("xxx...",),
}


def changed(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return read_file(path)


def test_a_range_a_value_and_one_end(tmp_path):
    text = "[budget_share]\nlow = 1e-4\nhigh = 1e-3\n[sparsity]\nvalue = 7\n[run_months]\nhigh = 24\n"
    found = changed(tmp_path, text)
    assert (found["budget_share"].low, found["budget_share"].high) == (1e-4, 1e-3)
    assert (found["sparsity"].low, found["sparsity"].high) == (7, 7)
    assert (found["run_months"].low, found["run_months"].high) == (3, 24)
    assert [name for name, one in found.items() if one.changed] == ["budget_share", "run_months", "sparsity"]
    assert found["cmos_limit"] == defaults()["cmos_limit"]


def test_bad_files_are_named_with_what_is_accepted(tmp_path):
    for text, words in BAD.items():
        with pytest.raises(UsageError) as caught:
            changed(tmp_path, text)
        for word in words:
            assert word in f"{caught.value.message} {caught.value.hint}", text[:60]
    with pytest.raises(UsageError, match="can't be read"):
        read_file(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        read_file(tmp_path / "bytes.toml")
