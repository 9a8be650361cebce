"""Import before torch: `torch.set_num_threads` alone does not reach the threads of the backward pass."""

import os

os.environ["OMP_NUM_THREADS"] = "1"
