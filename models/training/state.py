"""Keeps a checkpoint small enough to commit: the average's weights as f16, from which a training goes on.

    python3 state.py CHECKPOINT... FOLDER

The optimizer's memory is left out; it is built up again within the first steps.
"""

import sys
from pathlib import Path

import one_thread  # noqa: F401
import torch


def main():
    *checkpoints, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for checkpoint in checkpoints:
        state = torch.load(checkpoint)
        weights = {
            name: value.half() if value.dtype == torch.float32 and value.numel() > 1024 else value
            for name, value in state["average"].items()
        }
        kept = {"network": weights, "average": weights, **{key: state[key] for key in ("step", "steps", "seed")}}
        torch.save(kept, folder / checkpoint.name)
        print(folder / checkpoint.name, (folder / checkpoint.name).stat().st_size)


if __name__ == "__main__":
    main()
