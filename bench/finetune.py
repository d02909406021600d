#!/usr/bin/env python3
"""Fine-tunes a Hugging Face ViT as its image-classification script does, to be timed as a whole process.

    python bench/finetune.py MODEL_DIR (--folder DIR | --cifar10 DIR) [--images N] [--blocks 6] [--epochs 10]
        [--batch 128] [--lr 5e-4] [--threads 2] [--trunk each-epoch | once]

The frozen blocks are computed in every epoch, or once and kept in memory. After each epoch the validation images
(a tenth of the training images) are scored, at the end the test images. --folder has {train,test}/CLASS/*, --cifar10 the
uint8 arrays {train,test}-{images,labels}.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from transformers import ViTForImageClassification

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("--folder")
parser.add_argument("--cifar10")
parser.add_argument("--images", type=int)
parser.add_argument("--blocks", type=int, default=6)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--lr", type=float, default=5e-4)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--trunk", choices=["each-epoch", "once"], default="each-epoch")
options = parser.parse_args()
torch.manual_seed(0)
torch.set_num_threads(options.threads)


def read(split):
    """Images as uint8 [32, 32, 3] or paths, and their labels."""
    if options.cifar10:
        limit = options.images and (options.images if split == "train" else options.images // 5)
        root = Path(options.cifar10)
        images = np.fromfile(root / f"{split}-images", np.uint8).reshape(-1, 32, 32, 3)[:limit]
        return images, np.fromfile(root / f"{split}-labels", np.uint8)[:limit].astype(np.int64)
    classes = sorted(p.name for p in (Path(options.folder) / split).iterdir())
    paths = [(p, i) for i, name in enumerate(classes) for p in sorted((Path(options.folder) / split / name).iterdir())]
    return [p for p, _ in paths], np.array([i for _, i in paths])


(train_images, train_labels), (test_images, test_labels) = read("train"), read("test")
classes = int(train_labels.max()) + 1
model = ViTForImageClassification.from_pretrained(
    options.model, num_labels=classes, ignore_mismatched_sizes=True, dtype=torch.float32, attn_implementation="sdpa"
).eval()
size = model.config.image_size
blocks = list(model.vit.encoder.layer if hasattr(model.vit, "encoder") else model.vit.layers)


def pixels(images, rows):
    opened = [images[r] if options.cifar10 is None else Image.fromarray(images[r]) for r in rows]
    resized = [
        (Image.open(i).convert("RGB") if isinstance(i, Path) else i).resize((size, size), Image.BILINEAR) for i in opened
    ]
    stacked = torch.from_numpy(np.stack([np.asarray(i) for i in resized])).permute(0, 3, 1, 2)
    return (stacked.float() / 255 - 0.5) / 0.5


def through(block, x):
    y = block(x)
    return y[0] if isinstance(y, tuple) else y


def trunk(x):
    with torch.no_grad():
        x = model.vit.embeddings(x)
        for block in blocks[: options.blocks]:
            x = through(block, x)
    return x


def top(x):
    for block in blocks[options.blocks:]:
        x = through(block, x)
    return model.classifier(model.vit.layernorm(x)[:, 0])


def source(images):
    """What a batch of rows goes into the top as: computed anew, or kept."""
    if options.trunk == "each-epoch":
        return lambda rows: trunk(pixels(images, rows))
    kept = torch.cat([trunk(pixels(images, r)) for r in np.split(np.arange(len(images)), range(256, len(images), 256))])
    return lambda rows: kept[torch.from_numpy(np.asarray(rows))]


def score(inputs, labels, rows):
    with torch.no_grad():
        logits = torch.cat([top(inputs(r)) for r in np.split(rows, range(256, len(rows), 256))])
    target = torch.from_numpy(labels[rows])
    return F.cross_entropy(logits, target).item(), (logits.argmax(1) == target).float().mean().item()


for parameter in model.parameters():
    parameter.requires_grad = False
trained = [p for part in [model.vit.layernorm, model.classifier, *blocks[options.blocks:]] for p in part.parameters()]
for parameter in trained:
    parameter.requires_grad = True
optimizer = torch.optim.AdamW(
    [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": 0.01},
        {"params": [p for p in trained if p.ndim == 1], "weight_decay": 0.0},
    ],
    lr=options.lr,
    fused=True,
)
rng = np.random.default_rng(0)
shuffled = rng.permutation(len(train_labels))
validation, train = np.split(shuffled, [len(shuffled) // 10])
steps = -(-len(train) // options.batch) * options.epochs
warmup = -(-steps // 10)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: s / warmup if s < warmup else max(0.0, (steps - s) / max(1, steps - warmup))
)
inputs = source(train_images)
for epoch in range(options.epochs):
    order = rng.permutation(train)
    for at in range(0, len(order), options.batch):
        rows = order[at: at + options.batch]
        loss = F.cross_entropy(top(inputs(rows)), torch.from_numpy(train_labels[rows]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
    print("epoch %d: validation loss %.4f accuracy %.4f" % (epoch + 1, *score(inputs, train_labels, validation)), flush=True)
print("test loss %.4f accuracy %.4f" % score(source(test_images), test_labels, np.arange(len(test_labels))))
