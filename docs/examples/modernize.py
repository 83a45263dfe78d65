"""What the essay's tweaks are worth, and an idea of one's own among them: `python docs/examples/modernize.py`."""

import timetravel as tt

mine = tt.Tweak("smooth", {"label_smoothing": 0.1}, title="smoother targets", needs=["softmax"])
found = tt.modernize(["softmax", mine], seeds=2)
print(found)
for row in found.document["rows"]:
    print(f"{row['label']:24} {row['test_mistakes']['mean']:7.1f} mistakes  {row['verdict_step'] or ''}")
