"""Writes what PyTorch and diffusers answer for a trained model, so that other implementations can be held to it."""
import json

import numpy
import torch

STEPS = 50
GUIDANCE = 2.0


@torch.no_grad()
def sample(model, scheduler, noise, labels, null_class, guidance):
    """Pictures of a deterministic DDIM walk. Guided walks take the noise from the clipped estimate, else clipping makes strokes swell."""
    scheduler.set_timesteps(STEPS)
    x = noise
    for t in scheduler.timesteps:
        output = model(x, t, class_labels=labels).sample
        if guidance != 1:
            free = model(x, t, class_labels=torch.full_like(labels, null_class)).sample
            output = free + guidance * (output - free)
        x = scheduler.step(output, t, x, use_clipped_model_output=guidance != 1).prev_sample
    return x


@torch.no_grad()
def write(folder, model, scheduler, pictures, labels, null_class, seed):
    """Single evaluations at timesteps that the sampler visits, and eight pictures with and without guidance; float32 on the CPU."""
    model = model.float().cpu().eval()
    generator = torch.Generator().manual_seed(seed)
    shape = pictures.shape[1:]
    scheduler.set_timesteps(STEPS)
    indices = [49, 44, 34, 24, 14, 2]
    timesteps = scheduler.timesteps[indices]
    noise = torch.randn(len(indices), *shape, generator=generator)
    inputs = scheduler.add_noise(pictures[: len(indices)], noise, timesteps)
    classes = labels[: len(indices)].clone()
    classes[-2:] = null_class
    # One at a time: in a batch, the last bits depend on its size.
    outputs = [model(inputs[i : i + 1], timesteps[i], class_labels=classes[i : i + 1]).sample for i in range(len(indices))]

    start = torch.randn(8, *shape, generator=generator)
    wanted = torch.arange(8) % null_class
    arrays = {
        "golden_input": inputs, "golden_timestep": timesteps, "golden_class": classes, "golden_output": torch.cat(outputs), "x_T": start,
        "sample_class": wanted,
        "samples": sample(model, scheduler, start, wanted, null_class, 1.0),
        "samples_guided": sample(model, scheduler, start, wanted, null_class, GUIDANCE),
    }
    (folder / "goldens").mkdir(exist_ok=True)
    for name, array in arrays.items():
        numpy.save(folder / "goldens" / f"{name}.npy", array.numpy())
    return {
        "golden_step_indices": indices,
        "runs": [
            {"file": "samples.npy", "guidance_scale": 1.0, "use_clipped_model_output": False},
            {"file": "samples_guided.npy", "guidance_scale": GUIDANCE, "use_clipped_model_output": True},
        ],
    }


def write_schedule(folder, model, scheduler, null_class, more):
    """schedule.json: what pictures and classes mean, and the walk of the golden samples."""
    config = scheduler.config
    scheduler.set_timesteps(STEPS)
    keys = (
        "num_train_timesteps", "beta_schedule", "beta_start", "beta_end", "prediction_type", "clip_sample", "clip_sample_range",
        "set_alpha_to_one", "steps_offset", "timestep_spacing",
    )
    schedule = {
        "sample_shape": [model.config.in_channels, model.config.sample_size, model.config.sample_size], "data_range": [-1.0, 1.0],
        "num_classes": null_class, "null_class": null_class, "process": "beta", **{key: config[key] for key in keys}, "sampler": "ddim",
        "eta": 0.0, "timesteps": scheduler.timesteps.tolist(), **more,
    }
    (folder / "schedule.json").write_text(json.dumps(schedule, indent=1) + "\n")
