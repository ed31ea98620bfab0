"""Train the tiny checkpoint that clicks buttons: `python -m handeye.benchmarks.buttons.train_cli --out FOLDER`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from handeye.benchmarks.buttons.train import Plan, Trainer


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the checkpoint and its training_log.jsonl")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long to train (default: 60)")
    parser.add_argument("--pictures", type=int, default=16, help="pictures in a batch (default: 16)")
    parser.add_argument("--questions", type=int, default=2, help="questions about each picture (default: 2)")
    parser.add_argument("--rate", type=float, default=8e-4, help="highest learning rate (default: 8e-4)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
    parser.add_argument("--init", type=Path, default=None, help="go on from this checkpoint")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(
        given.out, given.minutes, given.pictures, given.questions, given.rate, seed=given.seed, device=given.device, init=given.init
    )
    trainer = Trainer(plan, lambda row: sys.stderr.write(json.dumps(row) + "\n"))
    trainer.note({"command": " ".join(sys.argv[1:]), "parameters": sum(value.numel() for value in trainer.model.parameters())})
    trainer.run()


if __name__ == "__main__":
    main()
