"""A training that can stop at any step: schedule, running average, checkpoints. Steps, not time, make the schedule."""

import math
import time

import torch

from averaging import Average

WARM_UP = 100
COOL_DOWN = 0.35
CHECKPOINT_EVERY = 100


def rate_of(step, steps, peak):
    """Warm-up, a plateau, and the last third down along a cosine: a run given more steps goes on from the plateau."""
    warm_up = min(WARM_UP, steps // 5)
    if step < warm_up:
        return peak * (step + 1) / warm_up
    start = steps * (1 - COOL_DOWN)
    if step < start:
        return peak
    return peak * 0.5 * (1 + math.cos(math.pi * (step - start) / max(1, steps - start)))


class Run:
    """Steps of AdamW on `network`, kept in `checkpoint`; a checkpoint that is there is gone on from."""

    def __init__(self, network, checkpoint, steps, peak, seed=1, decay=0.995, weight_decay=1e-2, clip=5.0):
        torch.manual_seed(seed)
        self.network = network
        self.checkpoint = checkpoint
        self.steps = steps
        self.peak = peak
        self.clip = clip
        self.seed = seed
        self.optimizer = torch.optim.AdamW(network.parameters(), peak, weight_decay=weight_decay)
        self.average = Average(network, decay)
        self.first = 0
        if checkpoint.exists():
            self.resume()

    def resume(self):
        state = torch.load(self.checkpoint)
        self.network.load_state_dict(full(state["network"]))
        self.average.network.load_state_dict(full(state["average"]))
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
        self.first = state["step"]
        torch.manual_seed(self.seed + self.first)

    def save(self, step):
        parts = {"network": self.network, "average": self.average.network, "optimizer": self.optimizer}
        state = {name: part.state_dict() for name, part in parts.items()}
        temporary = self.checkpoint.with_suffix(".part")
        torch.save({**state, "step": step, "steps": self.steps, "seed": self.seed}, temporary)
        temporary.replace(self.checkpoint)

    def go(self, loss_of_batch, figures, figures_every=5):
        """`loss_of_batch()` draws a batch and gives its loss; `figures(network)` describes the average in words."""
        started, losses, saved = time.time(), [], self.first
        for step in range(self.first, self.steps):
            for group in self.optimizer.param_groups:
                group["lr"] = rate_of(step, self.steps, self.peak)
            loss = loss_of_batch()
            self.optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.clip)
            self.optimizer.step()
            self.average.update(self.network, step)
            losses.append(loss.item())
            done = step + 1
            if done % CHECKPOINT_EVERY == 0 or done == self.steps:
                self.save(done)
                seconds = time.time() - started
                line = f"step {done} loss {sum(losses) / len(losses):.4f} seconds {seconds:.0f}"
                if done % (CHECKPOINT_EVERY * figures_every) == 0 or done == self.steps:
                    line += f" hold {figures(self.average.network)}"
                print(line, flush=True)
                losses = []
        return self.average.network


def full(state):
    """What a committed state keeps as f16 as f32 again."""
    return {name: value.float() if value.dtype == torch.float16 else value for name, value in state.items()}
