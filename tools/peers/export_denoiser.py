"""Writes a denoiser as a diffusers folder: export_denoiser.py NAME FOLDER"""
import pathlib
import sys

from denoisers import make_scheduler, make_unet


def main(name: str, folder: pathlib.Path) -> None:
    make_unet(name).save_pretrained(folder / "unet")
    make_scheduler().save_pretrained(folder / "scheduler")


main(sys.argv[1], pathlib.Path(sys.argv[2]))
