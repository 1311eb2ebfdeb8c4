"""The two denoisers that speed is measured on. Weights are random but always the same: speed does not depend on them."""
import torch
from diffusers import DDIMScheduler, UNet2DModel

SEED = 0
SIZE = 32

CONFIGURATIONS = {
    # The network of models/digits without its classes: 1.1 M parameters.
    "digits": {
        "in_channels": 1,
        "out_channels": 1,
        "block_out_channels": (32, 64, 64),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        "attention_head_dim": 32,
        "norm_num_groups": 8,
    },
    # The U-Net of DDPM for CIFAR-10, on which diffusion quantization is usually shown: 35.7 M parameters.
    "cifar": {
        "in_channels": 3,
        "out_channels": 3,
        "block_out_channels": (128, 256, 256, 256),
        "layers_per_block": 2,
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": None,
        "norm_eps": 1e-6,
        "downsample_padding": 0,
        "flip_sin_to_cos": False,
        "freq_shift": 1,
    },
}


class NoisePredictor(torch.nn.Module):
    """A U-Net as a function of two tensors with one tensor as its result, which is what exporters want."""

    def __init__(self, unet: UNet2DModel) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        return self.unet(sample, timestep).sample


def make_unet(name: str) -> UNet2DModel:
    torch.manual_seed(SEED)
    return UNet2DModel(sample_size=SIZE, **CONFIGURATIONS[name]).eval()


def make_scheduler() -> DDIMScheduler:
    return DDIMScheduler(num_train_timesteps=1000, beta_schedule="linear")


def example_inputs(unet: UNet2DModel, timestep_type: torch.dtype) -> tuple[torch.Tensor, torch.Tensor]:
    sample = torch.zeros(1, unet.config.in_channels, SIZE, SIZE)
    return sample, torch.tensor([500], dtype=timestep_type)
