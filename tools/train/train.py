#!/usr/bin/env python3
"""Trains a small class-conditional diffusion model of handwritten digits, in the layout of a diffusers pipeline.

usage: train.py DATA OUTPUT [options]         (train.py --help lists them; README.md explains)
"""
import argparse
import copy
import math
import time
from pathlib import Path

import torch
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel

import digits
import goldens

CLASSES = 10
# The label after the digits stands for "no class": guidance compares a class with it.
NULL_CLASS = CLASSES


def arguments():
    parser = argparse.ArgumentParser(description="Train a class-conditional diffusion model of handwritten digits.")
    parser.add_argument("data", help="folder with MNIST's IDX files, or an .npz with x_train and y_train")
    parser.add_argument("output", type=Path, help="folder for the diffusers pipeline")
    parser.add_argument("--part", choices=("train", "t10k"), default="train", help="which pictures (default: train)")
    parser.add_argument("--held-out", type=int, default=1000, help="pictures at the end that are kept for the goldens (default: 1000)")
    parser.add_argument("--size", type=int, default=32, help="side of a picture, a multiple of 4 (default: 32)")
    parser.add_argument("--channels", type=int, nargs="+", default=[32, 64, 64], help="channels of each level (default: 32 64 64)")
    parser.add_argument("--steps", type=int, default=6500, help="training steps (default: 6500)")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate at its peak (default: 5e-4)")
    parser.add_argument("--class-dropout", type=float, default=0.13, help="share of pictures trained without their class (default: 0.13)")
    parser.add_argument("--ema", type=float, default=0.9995, help="decay of the averaged weights, which are what is saved (default: 0.9995)")
    parser.add_argument("--bf16", action="store_true", help="compute in bfloat16 where PyTorch thinks it safe")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.size % 2 ** (len(options.channels) - 1):
        parser.error(f"--size must be a multiple of {2 ** (len(options.channels) - 1)}, one halving for each level after the first")
    return options


def make_model(options):
    """One residual block a level, attention on the smallest pictures only: what an int8 engine on a small board computes in milliseconds."""
    levels = len(options.channels)
    return UNet2DModel(
        sample_size=options.size, in_channels=1, out_channels=1, block_out_channels=options.channels, layers_per_block=1,
        down_block_types=["DownBlock2D"] * (levels - 1) + ["AttnDownBlock2D"], up_block_types=["AttnUpBlock2D"] + ["UpBlock2D"] * (levels - 1),
        norm_num_groups=8, attention_head_dim=32, num_class_embeds=CLASSES + 1,
    )


def learning_rate(step, steps, peak):
    """Rises over the first twentieth, then falls along a cosine."""
    warm = max(1, steps // 20)
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def train(model, scheduler, pictures, labels, options):
    """Returns the averaged weights after the last step."""
    device = options.device
    model.to(device).train()
    averaged = copy.deepcopy(model).requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate)
    start = time.monotonic()
    losses = []
    for step in range(options.steps):
        chosen = torch.randint(len(pictures), (options.batch,))
        clean, label = pictures[chosen].to(device), labels[chosen].to(device)
        label[torch.rand(options.batch, device=device) < options.class_dropout] = NULL_CLASS
        noise = torch.randn_like(clean)
        t = torch.randint(scheduler.config.num_train_timesteps, (options.batch,), device=device)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, options.steps, options.rate)
        with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=options.bf16):
            predicted = model(scheduler.add_noise(clean, noise, t), t, class_labels=label).sample
        loss = torch.nn.functional.mse_loss(predicted.float(), noise)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            # Early on the average follows faster, so that it does not keep the random start.
            decay = min(options.ema, (1 + step) / (10 + step))
            for kept, current in zip(averaged.parameters(), model.parameters()):
                kept.lerp_(current, 1 - decay)
        losses.append(loss.item())
        if (step + 1) % 100 == 0 or step + 1 == options.steps:
            recent = sum(losses[-100:]) / len(losses[-100:])
            print(f"step {step + 1} of {options.steps}: loss {recent:.4f}, {(time.monotonic() - start) / (step + 1):.3f} s a step", flush=True)
    return averaged


def main():
    options = arguments()
    torch.manual_seed(options.seed)
    pictures, labels = digits.load(options.data, options.part, options.size)
    kept = min(options.held_out, len(pictures) // 2)
    if len(pictures) < 16 or kept < 8:
        raise SystemExit(f"{options.data}: {len(pictures)} pictures, {kept} of them held out; at least 16 and 8 are needed")
    print(f"{len(pictures) - kept} pictures to train on, {kept} held out, device {options.device}")
    model = make_model(options)
    scheduler = DDIMScheduler(num_train_timesteps=1000, beta_start=1e-4, beta_end=0.02, beta_schedule="linear", set_alpha_to_one=False)
    averaged = train(model, scheduler, pictures[:-kept], labels[:-kept], options).cpu().eval()

    options.output.mkdir(parents=True, exist_ok=True)
    DDIMPipeline(unet=averaged, scheduler=scheduler).save_pretrained(options.output)
    more = goldens.write(options.output, averaged, scheduler, pictures[-kept:], labels[-kept:], NULL_CLASS, options.seed)
    goldens.write_schedule(options.output, averaged, scheduler, NULL_CLASS, more)
    print(f"wrote {options.output}")


if __name__ == "__main__":
    main()
