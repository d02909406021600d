"""What PyTorch's bfloat16 autocast makes of the same activations: python bench/precision.py MODEL BLOCKS FILE

FILE is what bench/precision.ts has kept. All errors are over the deviation of PyTorch's own float32.
"""
import sys

import torch
from safetensors.torch import load_file
from transformers import ViTModel

folder, blocks, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
kept = load_file(file)
pixels = kept["pixels"].permute(0, 3, 1, 2)
model = ViTModel.from_pretrained(folder, add_pooling_layer=False, attn_implementation="sdpa")
model = model.float().eval()


@torch.no_grad()
def activations(autocast):
    parts = []
    for some in pixels.split(64):
        x = model.embeddings(some)
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            for layer in model.layers[:blocks]:
                x = layer(x)
        parts.append(x)
    return torch.cat(parts)


reference = activations(False)
deviation = reference.std()
sides = {
    "ours in float32": kept["float32"],
    "ours in bfloat16": kept["bfloat16"],
    "PyTorch's autocast": activations(True),
}
print(f"PyTorch {torch.__version__}; deviation of the activations {deviation:.3f}; error over it:")
for name, values in sides.items():
    error = (values - reference).abs() / deviation
    root = error.square().mean().sqrt()
    print(f"{name}: mean {error.mean():.2e}, root of mean square {root:.2e}, largest {error.max():.2e}")
