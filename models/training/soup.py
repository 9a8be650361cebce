"""The mean of a network's weights before and after its training went on (Wortsman et al. 2022).

    python3 soup.py BEFORE AFTER OUT [SHARE=0.5]

BEFORE and AFTER are checkpoints of one training, SHARE is the part of AFTER. Writes `OUT/NAME.pt`, from
which `export.py` and more training go on.
"""

import sys
from pathlib import Path

import one_thread  # noqa: F401
import torch

from training_run import full


def main():
    before, after, out = map(Path, sys.argv[1:4])
    share = float(sys.argv[4]) if len(sys.argv) > 4 else 0.5
    one, other = (torch.load(file) for file in (before, after))
    weights, later = full(one["average"]), full(other["average"])
    mean = {
        name: value.lerp(later[name], share) if value.dtype.is_floating_point else later[name]
        for name, value in weights.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    torch.save({"network": mean, "average": mean, **{key: other[key] for key in ("step", "steps", "seed")}}, out / after.name)


if __name__ == "__main__":
    main()
