"""A net of one's own in place of 1989's, with the same evidence: `python docs/examples/own_net.py`."""

from torch import nn

import timetravel as tt


class Small(nn.Sequential):
    """One convolution and one layer above it: images (B, 1, 16, 16) to outputs (B, 10)."""

    def __init__(self) -> None:
        super().__init__(nn.Conv2d(1, 6, 5, stride=2), nn.Tanh(), nn.Flatten(), nn.Linear(6 * 6 * 6, 10))


given = {"size": 500, "epochs": 4, "seeds": 2}
mine, theirs = tt.train("1989-essay", net=Small, **given), tt.train("1989-essay", **given)
print(mine)
print("parameters:", mine.document["rows"][0]["parameters"], "against", theirs.document["rows"][0]["parameters"])
print(tt.compare(theirs, mine))
