"""ScreenSpot-v2 (OS-Copilot): v1 with its labels and instructions mended, not comparable with it cell by cell."""

from __future__ import annotations

from handeye.benchmarks.grounding.loaders.options import LoadOptions
from handeye.benchmarks.grounding.loaders.screenspot import Benchmark, Layout
from handeye.benchmarks.grounding.loaders.screenspot import load as load_screenspot
from handeye.benchmarks.grounding.sample import Dataset

BENCHMARK = Benchmark(
    name="screenspot-v2",
    files={
        "screenspot_mobile_v2.json": ("mobile", 501),
        "screenspot_desktop_v2.json": ("desktop", 334),
        "screenspot_web_v2.json": ("web", 437),
    },
    layouts=(
        # Its `platform` and `group` say v2 and Dev in every row.
        Layout("Tongyi-MAI/MAI-UI", "xyxy in pixels", kind="ui_type", platform="application", image="img_filename"),
        Layout(
            "microsoft/GUI-Actor:verifier/ScreenSpot-v2-new",
            "xyxy in pixels",
            kind="ui_type",
            platform="platform",
            image="img_filename",
            group="group",
        ),
        Layout("OS-Copilot/ScreenSpot-v2", "xywh in pixels", kind="data_type", platform="data_source", image="img_filename"),
        Layout("HongxinLi/ScreenSpot_v2 on the hub", "xyxy in 0..1", kind="data_type", platform="data_source"),
    ),
    repository="HongxinLi/ScreenSpot_v2",
    fetch="hf download OS-Copilot/ScreenSpot-v2 --repo-type dataset --local-dir data/screenspot-v2 "
    "&& unzip data/screenspot-v2/screenspotv2_image.zip -d data/screenspot-v2",
    image_folders=("screenspotv2_image", "images", "."),
    suffix="_convert",
    known=((645, 625, 2361, 1590),),
    known_note="Known exception: the box of mobile row 449, [645, 625, 2361, 1590], leaves its image of 2360x1640 by a pixel, and stays.",
)


def load(options: LoadOptions) -> Dataset:
    """ScreenSpot-v2: native files ([x, y, w, h] in pixels), GUI-Actor's and MAI-UI's (corners in pixels) or the hub's (corners in 0..1).

    Raises `SetupError`.
    """
    return load_screenspot(BENCHMARK, options)
