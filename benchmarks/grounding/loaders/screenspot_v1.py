"""ScreenSpot (njucckevin/SeeClick): 1272 instructions on phones, desktops and web pages."""

from __future__ import annotations

from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.screenspot import Benchmark, Layout
from handeye.benchmarks.grounding.loaders.screenspot import load as load_screenspot
from handeye.benchmarks.grounding.sample import Dataset

BENCHMARK = Benchmark(
    name="screenspot",
    files={"screenspot_mobile.json": ("mobile", 502), "screenspot_desktop.json": ("desktop", 334), "screenspot_web.json": ("web", 436)},
    layouts=(
        # njucckevin/SeeClick:pretrain/screenspot_test.py adds the third and fourth number to the first two.
        Layout("njucckevin/SeeClick", "xywh in pixels", kind="data_type", platform="data_source", image="img_filename"),
        Layout("rootsautomation/ScreenSpot on the hub", "xyxy in 0..1", kind="data_type", platform="data_source", image="file_name"),
    ),
    repository="rootsautomation/ScreenSpot",
    fetch="hf download rootsautomation/ScreenSpot --repo-type dataset --local-dir data/screenspot",
    image_folders=("screenspot_imgs", "images", "."),
)


def load(options: LoadOptions) -> Dataset:
    """ScreenSpot v1: native files with [x, y, w, h] in pixels, or the hub's copy with corners in 0..1. Raises `SetupError`."""
    return load_screenspot(BENCHMARK, options)
