"""The work of bench/step.ts in PyTorch: `python bench/step.py FOLDER`, with torch and transformers."""
import json, sys, time
import torch
import torch.nn.functional as F
from transformers import ViTConfig, ViTForImageClassification


def milliseconds(work, repeat):
    """Wall clock of the fastest and the median, and processor time, which other programs leave alone."""
    work()
    walls, processor = [], time.process_time()
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        walls.append((time.perf_counter() - start) * 1e3)
    walls.sort()
    cpu = (time.process_time() - processor) * 1e3 / repeat
    return {"fastest": walls[0], "median": walls[len(walls) // 2], "processor": cpu}


model = ViTForImageClassification.from_pretrained(sys.argv[1], dtype=torch.float32).eval()
torch.manual_seed(1)
blocks = list(model.vit.encoder.layer if hasattr(model.vit, "encoder") else model.vit.layers)
labels = torch.arange(128) % 10


def run(block, x):
    y = block(x)
    return y[0] if isinstance(y, tuple) else y


def top(x):
    for block in blocks[6:]:
        x = run(block, x)
    return model.classifier(model.vit.layernorm(x)[:, 0])


def trunk():
    with torch.no_grad():
        x = model.vit.embeddings(pixels)
        for block in blocks[:6]:
            x = run(block, x)


for parameter in model.parameters():
    parameter.requires_grad = False
trained = [model.vit.layernorm, model.classifier, *blocks[6:]]
parameters = [p for module in trained for p in module.parameters()]
for parameter in parameters:
    parameter.requires_grad = True
features, pixels = torch.randn(128, 65, 192), torch.randn(128, 3, 64, 64)
optimizer = torch.optim.AdamW([
    {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 0.01},
    {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
], lr=5e-4)


def step():
    loss = F.cross_entropy(top(features), labels)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    loss.item()


def score():
    with torch.no_grad():
        top(features)


result = {
    "step": milliseconds(step, 12),
    "score": milliseconds(score, 12),
    "trunk": milliseconds(trunk, 6),
}
base = ViTForImageClassification(ViTConfig(num_labels=1000)).eval()
images = torch.randn(8, 3, 224, 224)


def forward():
    with torch.no_grad():
        base(images)


result["base"] = milliseconds(forward, 4)
print(json.dumps({"name": f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", "times": result}))
