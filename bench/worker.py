"""PyTorch's side of one row: `python bench/worker.py WORK THREADS`, as bench/worker.ts has it.

Needs torch and transformers. Models compute with scaled_dot_product_attention, AdamW is the fused one,
which is what transformers' Trainer takes.
"""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from transformers import ViTForImageClassification

LEARNING_RATE, WEIGHT_DECAY, CLIP_NORM = 5e-4, 0.01, 1.0


def freeze(model, trainable):
    """Leaves the top blocks, the final norm and the head to be trained. Returns the parameters that train."""
    if trainable != "all":
        blocks = list(model.vit.encoder.layer if hasattr(model.vit, "encoder") else model.vit.layers)
        for parameter in model.parameters():
            parameter.requires_grad = False
        top = [model.vit.layernorm, model.classifier, *blocks[len(blocks) - trainable:]]
        for module in top:
            for parameter in module.parameters():
                parameter.requires_grad = True
    return [p for p in model.parameters() if p.requires_grad]


def new_optimizer(parameters):
    decayed = {"params": [p for p in parameters if p.ndim > 1], "weight_decay": WEIGHT_DECAY}
    plain = {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0}
    return torch.optim.AdamW([decayed, plain], lr=LEARNING_RATE, fused=True)


def train_step(model, pixels, labels, parameters, optimizer):
    loss = F.cross_entropy(model(pixels).logits, labels)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, CLIP_NORM)
    optimizer.step()
    return loss.item()


def prepare(work):
    """Returns a function that does the work once and gives the number that is checked, or None, and how many
    times its seconds count."""
    model = ViTForImageClassification.from_pretrained(
        work["model"], dtype=torch.float32, attn_implementation="sdpa"
    ).eval()
    size, classes = model.config.image_size, model.config.num_labels

    def images(count):
        i = np.arange(count * size * size * 3, dtype=np.int64)
        pixels = ((i * 7919) % 1000 / 500 - 1).astype(np.float32).reshape(count, size, size, 3)
        return torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))

    if work["kind"] == "forward":
        pixels = images(work["batch"])

        def forward():
            with torch.no_grad():
                return model(pixels).logits.abs().mean().item()

        return forward, 1

    parameters = freeze(model, work["trainable"])
    if work["kind"] == "step":
        pixels, labels = images(work["batch"]), torch.arange(work["batch"]) % classes
        optimizer = new_optimizer(parameters)
        return lambda: train_step(model, pixels, labels, parameters, optimizer), 1

    pixels, labels = images(work["images"]), torch.arange(work["images"]) % classes

    def epochs():
        optimizer = new_optimizer(parameters)
        for _ in range(work["measured"]):
            for rows in torch.randperm(work["images"]).split(work["batch"]):
                train_step(model, pixels[rows], labels[rows], parameters, optimizer)

    return epochs, work["epochs"] / work["measured"]


def main():
    torch.set_num_threads(int(sys.argv[2]))
    torch.manual_seed(1)
    once, times = prepare(json.loads(sys.argv[1]))
    check = None

    def seconds(repeats):
        nonlocal check
        start = time.perf_counter()
        for _ in range(repeats):
            check = once()
        return (time.perf_counter() - start) * times

    first = seconds(1)
    name = f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"
    print(json.dumps({"name": name, "check": check, "seconds": first}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"seconds": seconds(int(line.removeprefix("go ")))}), flush=True)


main()
