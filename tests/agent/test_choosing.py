from __future__ import annotations

import json
from pathlib import Path

import pytest

from handeye.agent.choosing import FAMILIES, choose_dialect, family_of
from handeye.agent.dialects.registry import DIALECT_NAMES


@pytest.mark.parametrize(
    ("model", "purpose", "dialect"),
    [
        ("ocr", "computer", "qwen2.5-vl/computer_use"),
        ("scripted:x.jsonl", "phone", "qwen2.5-vl/mobile_use"),
        ("transformers:Qwen/Qwen2.5-VL-7B-Instruct", "computer", "qwen2.5-vl/computer_use"),
        ("transformers:Qwen/Qwen2.5-VL-7B-Instruct?dtype=bfloat16", "phone", "qwen2.5-vl/mobile_use"),
        ("openai:qwen2.5-vl-72b-instruct@dashscope", "point", "qwen2.5-vl/point"),
        ("openai:Qwen/Qwen3-VL-8B-Instruct@http://localhost:8000/v1", "computer", "qwen3-vl/computer_use"),
        ("openai:qwen3-vl-plus@dashscope", "phone", "qwen3-vl/mobile_use"),
        ("openai:Qwen/Qwen3.5-35B-A3B@http://localhost:8000/v1", "computer", "qwen-xml/computer_use"),
        ("transformers:Qwen/Qwen2-VL-7B-Instruct", "point", "qwen2-vl/box"),
        ("openai:gpt-5@openai", "computer", "json"),
        ("openai:google/gemini-3-pro@openrouter", "computer", "json"),
    ],
)
def test_the_name_decides(model: str, purpose: str, dialect: str) -> None:
    assert choose_dialect(model, "auto", purpose).dialect == dialect  # type: ignore[arg-type]
    assert choose_dialect(model, "", purpose).dialect == dialect  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "purpose", "dialect"),
    [
        ("ByteDance-Seed/UI-TARS-1.5-7B", "computer", "ui-tars-1.5/computer"),
        ("bytedance-research/UI-TARS-7B-DPO", "phone", "ui-tars/mobile"),
        ("doubao-1-5-ui-tars-250428", "computer", "doubao-1.5/computer"),
        ("mPLUG/GUI-Owl-7B", "phone", "gui-owl-1/mobile_use"),
        ("mPLUG/GUI-Owl-1.5-8B-Instruct", "computer", "gui-owl-1.5/computer_use"),
        ("OS-Copilot/OS-Atlas-Base-7B", "point", "os-atlas-base/point"),
        ("OS-Copilot/OS-Atlas-Pro-7B", "phone", "os-atlas-pro/phone"),
        ("showlab/ShowUI-2B", "computer", "showui/web"),
        ("xlangai/Aguvis-7B-720P", "computer", "aguvis/computer"),
        ("Hcompany/Holo1.5-7B", "computer", "holo/browser"),
        ("Hcompany/Holo1.5-7B", "point", "holo/point"),
        ("Hcompany/Holo2-8B", "point", "holo2/point"),
        ("xlangai/OpenCUA-7B", "computer", "opencua/computer"),
        ("microsoft/Fara-7B", "computer", "fara/browser"),
        ("zai-org/AutoGLM-Phone-9B", "phone", "autoglm/phone"),
        ("Tongyi-MAI/MAI-UI-8B", "point", "mai-ui/point"),
        ("openbmb/AgentCPM-GUI", "phone", "agentcpm-gui/phone"),
        ("inclusionAI/UI-Venus-1.5-8B", "phone", "ui-venus/phone"),
        ("osunlp/UGround-V1-7B", "point", "uground/point"),
        ("stepfun-ai/GELab-Zero-4B-preview", "phone", "stepgui/phone"),
        ("moonshotai/Kimi-K2.5", "computer", "kimi/computer"),
    ],
)
def test_every_family_gets_its_own_dialect_without_a_warning(name: str, purpose: str, dialect: str) -> None:
    choice = choose_dialect(f"openai:{name}@http://localhost:8000/v1", "auto", purpose)  # type: ignore[arg-type]
    assert (choice.dialect, choice.warnings) == (dialect, ())


def test_a_family_that_only_points_is_worked_with_json_and_a_warning() -> None:
    choice = choose_dialect("openai:osunlp/UGround-V1-7B@http://localhost:8000/v1")
    assert choice.dialect == "json"
    assert "no dialect for UGround" in choice.warnings[0]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("ByteDance-Seed/UI-TARS-1.5-7B", "UI-TARS 1.5"),
        ("bytedance-research/UI-TARS-7B-DPO", "UI-TARS"),
        ("doubao-1-5-ui-tars-250428", "Doubao UI-TARS"),
        ("mPLUG/GUI-Owl-7B", "GUI-Owl"),
        ("mPLUG/GUI-Owl-1.5-8B-Instruct", "GUI-Owl 1.5"),
        ("OS-Copilot/OS-Atlas-Base-7B", "OS-Atlas Base"),
        ("OS-Copilot/OS-Atlas-Pro-7B", "OS-Atlas Pro"),
        ("showlab/ShowUI-2B", "ShowUI"),
        ("Hcompany/Holo1.5-7B", "Holo1.5"),
        ("Hcompany/Holo2-8B", "Holo2"),
        ("xlangai/OpenCUA-7B", "OpenCUA"),
        ("microsoft/Fara-7B", "Fara"),
        ("zai-org/AutoGLM-Phone-9B", "AutoGLM-Phone"),
        ("Tongyi-MAI/MAI-UI-8B", "MAI-UI"),
        ("openbmb/AgentCPM-GUI", "AgentCPM-GUI"),
        ("inclusionAI/UI-Venus-1.5-8B", "UI-Venus 1.5"),
        ("osunlp/UGround-V1-7B", "UGround"),
        ("stepfun-ai/GELab-Zero-4B-preview", "StepGUI"),
        ("moonshotai/Kimi-K2.5", "Kimi"),
    ],
)
def test_published_names_belong_to_their_families(name: str, label: str) -> None:
    family, doubts = family_of(f"openai:{name}@http://localhost:8000/v1")
    assert family is not None
    assert (family.label, doubts) == (label, ())


def checkpoint(folder: Path, **config: object) -> str:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return f"transformers:{folder}"


def test_a_checkpoint_without_a_telling_name_is_known_by_its_config(tmp_path: Path) -> None:
    assert choose_dialect(checkpoint(tmp_path / "mine", model_type="qwen3_vl")).dialect == "qwen3-vl/computer_use"
    old = checkpoint(tmp_path / "old", architectures=["Qwen2_5_VLForConditionalGeneration"])
    assert choose_dialect(old).dialect == "qwen2.5-vl/computer_use"
    assert choose_dialect(old).warnings == ()


def test_a_fine_tune_is_known_by_its_name_whatever_it_was_made_from(tmp_path: Path) -> None:
    family, doubts = family_of(checkpoint(tmp_path / "UI-TARS-1.5-7B", model_type="qwen2_5_vl"))
    assert family is not None
    assert (family.label, doubts) == ("UI-TARS 1.5", ())


def test_a_name_that_its_config_contradicts_is_doubted(tmp_path: Path) -> None:
    choice = choose_dialect(checkpoint(tmp_path / "Qwen3-VL-8B", model_type="qwen2_5_vl"))
    assert choice.dialect == "qwen2.5-vl/computer_use"
    assert "config.json says qwen2_5_vl" in choice.warnings[0]


def test_another_familys_dialect_is_kept_and_warned_about() -> None:
    choice = choose_dialect("transformers:Qwen/Qwen3-VL-8B-Instruct", "qwen2.5-vl/computer_use")
    assert choice.dialect == "qwen2.5-vl/computer_use"
    assert "is Qwen3-VL, but the dialect is qwen2.5-vl/computer_use" in choice.warnings[0]
    assert "--dialect qwen3-vl/computer_use" in choice.warnings[0]


@pytest.mark.parametrize("asked", ["qwen3-vl/mobile_use", "json", "json/pixels", "my.package:Own"])
def test_what_suits_the_model_or_any_model_is_no_reason_to_warn(asked: str) -> None:
    choice = choose_dialect("transformers:Qwen/Qwen3-VL-8B-Instruct", asked)
    assert (choice.dialect, choice.warnings) == (asked, ())


def test_an_unknown_model_is_said_to_be_unknown(tmp_path: Path) -> None:
    assert "no family" in choose_dialect("openai:house-model@http://localhost:1/v1").warnings[0]
    (tmp_path / "config.json").write_text("[", encoding="utf-8")
    assert "no family" in choose_dialect(f"transformers:{tmp_path}").warnings[0]
    assert choose_dialect("ocr").warnings == ()


def test_every_family_of_the_table_has_a_dialect_and_every_dialect_a_family() -> None:
    prefixes = {name.partition("/")[0] for name in DIALECT_NAMES}
    assert all(prefixes & set(family.dialects) for family in FAMILIES)
    assert prefixes <= {prefix for family in FAMILIES for prefix in family.dialects}
