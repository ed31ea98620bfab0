"""Turns messages into token ids, and pictures and videos into what the vision tower takes, checking every size on the way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from handeye.agent.messages import Message, Picture, Video
from handeye.agent.models.local.loading import FAMILIES, Loaded
from handeye.tools.errors import InvalidAction, ModelError

if TYPE_CHECKING:
    import torch

Ids = NDArray[np.int64]
TEXT, IMAGE, VIDEO = 0, 1, 2
"""`mm_token_type_ids` of transformers 5."""
USUAL_TOKENS = 16_384
"""The most visual tokens of a picture where nothing else is said (QwenLM/Qwen2.5-VL:qwen-vl-utils, vision_process.py)."""
_MARKS = re.compile(r"<\|(?=[a-z_]+\|>)")


@dataclass(frozen=True, eq=False)
class Seen:
    """One picture or video of a prompt, and where its tokens stand: `start` to `end`, the latter outside."""

    part: Picture | Video
    start: int
    end: int
    inputs: Mapping[str, torch.Tensor] | None = None
    """What the processor made of it, where that had to be known for the tokens already (videos)."""


@dataclass(frozen=True, eq=False)
class Prompt:
    """A prompt as the model reads it."""

    ids: Ids
    """Token ids, placeholders of pictures repeated for each visual token."""
    keys: Ids
    """The same, with visual tokens replaced by a negative number that comes from their content: equal keys mean equal inputs."""
    types: Ids
    """`TEXT`, `IMAGE` or `VIDEO` for each token."""
    seen: tuple[Seen, ...]

    def __len__(self) -> int:
        return len(self.ids)

    def after(self, start: int) -> tuple[Seen, ...]:
        """The pictures and videos whose tokens begin at `start` or later."""
        return tuple(seen for seen in self.seen if seen.start >= start)


class PromptReader:
    """Makes prompts for one loaded model."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        processor = loaded.processor
        self._image, self._video = str(processor.image_token), str(processor.video_token)
        self._video_block = f"<|vision_start|>{self._video}<|vision_end|>"
        self._image_id, self._video_id = (int(processor.tokenizer.convert_tokens_to_ids(mark)) for mark in (self._image, self._video))

    def prompt(self, messages: Sequence[Message], said: Mapping[str, tuple[int, ...]] | None = None) -> Prompt:
        """The chat of `messages`, with the assistant's turn begun; a last turn that is the assistant's is its beginning.

        That is cut into tokens together with what opens the turn, as by a processor that is given both as one text. `said` has the token
        ids of replies that the model gave itself: in the history they stand as they were generated, since the text read again may be cut
        into other tokens. Raises `InvalidAction` for a picture whose size the model's processor would change.
        """
        messages, beginning = split_beginning(messages)
        replies = [message.text for message in messages if message.role == "assistant"]
        chat, mark = self._chat(messages)
        parts = [part for message in messages for part in message.parts if not isinstance(part, str)]
        builder = _Builder()
        places = re.split(f"({re.escape(self._video_block)}|{re.escape(self._image)}|{re.escape(mark)})", chat)
        media, texts = iter(parts), iter(replies)
        # The last place is what opens the assistant's turn.
        for place in (*places[:-1], places[-1] + beginning):
            if place == mark:
                text = next(texts)
                builder.text((said or {}).get(text) or self._ids(text))
            elif place == self._image:
                self._add_picture(builder, next(media))
            elif place == self._video_block:
                self._add_video(builder, next(media))
            else:
                builder.text(self._ids(place))
        return builder.prompt()

    def inputs(self, seen: Sequence[Seen]) -> dict[str, torch.Tensor]:
        """`pixel_values`, `image_grid_thw` and the like for these pictures and videos, on the model's device."""
        import torch

        made = [one.inputs if one.inputs is not None else self._picture_inputs(one) for one in seen]
        names = dict.fromkeys(name for inputs in made for name in inputs)
        joined = {name: torch.cat([inputs[name] for inputs in made if name in inputs]) for name in names}
        dtype = self._loaded.model.dtype
        return {name: value.to(self._loaded.device, dtype if name.startswith("pixel_values") else None) for name, value in joined.items()}

    def grids(self, seen: Sequence[Seen]) -> dict[str, Any]:
        """The grids of these pictures and videos, without their pixels: for positions."""
        import torch

        patch = self._loaded.patch
        images = [
            [1, one.part.pixels.shape[0] // patch, one.part.pixels.shape[1] // patch] for one in seen if isinstance(one.part, Picture)
        ]
        videos = [one.inputs for one in seen if one.inputs is not None]
        found: dict[str, Any] = {"image_grid_thw": torch.tensor(images) if images else None, "video_grid_thw": None}
        if videos:
            for name in ("video_grid_thw", "second_per_grid_ts"):
                if name in videos[0]:
                    found[name] = torch.cat([inputs[name] for inputs in videos])
        return found

    def _chat(self, messages: Sequence[Message]) -> tuple[str, str]:
        """The chat as text with one placeholder for each picture, video and reply of the assistant; and the last one's text."""
        mark = "\ue000reply\ue001"
        while any(mark in message.text for message in messages):
            mark += "\ue001"
        turns: list[dict[str, Any]] = []
        for message in messages:
            if message.role == "assistant":
                turns.append({"role": "assistant", "content": [{"type": "text", "text": mark}]})
                continue
            content = [
                {"type": "text", "text": _MARKS.sub("< |", part)}
                if isinstance(part, str)
                else {"type": "image" if isinstance(part, Picture) else "video"}
                for part in message.parts
            ]
            turns.append({"role": message.role, "content": content})
        chat = self._loaded.processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        return str(chat), mark

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._loaded.processor.tokenizer(text, add_special_tokens=False).input_ids) if text else ()

    def _add_picture(self, builder: _Builder, part: Picture | Video) -> None:
        assert isinstance(part, Picture)
        height, width = part.pixels.shape[:2]
        factor = self._loaded.factor
        if height % factor or width % factor:
            raise InvalidAction(
                f"{FAMILIES[self._loaded.family]} would resize a picture of {width}x{height} to sides that are multiples of {factor}, "
                "and the coordinates of the answer would belong to that other picture.",
                fix="use a dialect of this family, or open the picture with its factor",
            )
        builder.media(part, [self._image_id] * (height * width // factor**2), self._image_id, IMAGE, _content_key(part.pixels))

    def _add_video(self, builder: _Builder, part: Picture | Video) -> None:
        assert isinstance(part, Video)
        inputs = dict(self._video_inputs(part))
        ids = inputs.pop("input_ids")[0].tolist()
        builder.media(part, ids, self._video_id, VIDEO, _content_key(part.frames, f"{part.fps}"), inputs)

    def _picture_inputs(self, seen: Seen) -> dict[str, torch.Tensor]:
        """Through qwen-vl-utils and the processor, neither of which may change the size."""
        from qwen_vl_utils import process_vision_info

        assert isinstance(seen.part, Picture)
        height, width = seen.part.pixels.shape[:2]
        # A limit of its own, so that a picture beyond the usual one keeps its size too.
        most = max(height * width, USUAL_TOKENS * (2 * self._loaded.patch) ** 2)
        image = {"type": "image", "image": Image.fromarray(seen.part.pixels), "max_pixels": most}
        images, _ = process_vision_info([{"role": "user", "content": [image]}], image_patch_size=self._loaded.patch)
        if images[0].size != (width, height):
            raise InvalidAction(f"qwen-vl-utils would resize a picture of {width}x{height} to {images[0].size[0]}x{images[0].size[1]}.")
        inputs = self._loaded.processor.image_processor(images, do_resize=False, return_tensors="pt")
        grid = inputs["image_grid_thw"]
        if grid.tolist() != [[1, height // self._loaded.patch, width // self._loaded.patch]]:
            raise ModelError(f"the processor made the grid {grid.tolist()} of a picture of {width}x{height}: it resized it.")
        return {"pixel_values": inputs["pixel_values"], "image_grid_thw": grid}

    def _video_inputs(self, video: Video) -> dict[str, torch.Tensor]:
        """All that the processor makes of a video, with the ids of its placeholder."""
        import torch

        count, height, width = video.frames.shape[:3]
        patch, factor = self._loaded.patch, self._loaded.factor
        if count % 2 or height % factor or width % factor:
            raise InvalidAction(
                f"a video of {count} frames of {width}x{height} would be changed by {FAMILIES[self._loaded.family]}, "
                f"which takes an even number of frames with sides that are multiples of {factor}.",
                fix="open it with the model's factor",
            )
        frames = torch.from_numpy(np.array(video.frames)).permute(0, 3, 1, 2)
        metadata = {
            "total_num_frames": count,
            "fps": video.fps,
            "width": width,
            "height": height,
            "duration": count / video.fps,
            "frames_indices": list(range(count)),
        }
        made = self._loaded.processor(
            text=[self._video_block],
            videos=[frames],
            video_metadata=[metadata],
            do_resize=False,
            do_sample_frames=False,
            return_tensors="pt",
            # Concerns resizing alone, and is a warning where it is not said.
            **({"cap_pixels_per_frame": False} if hasattr(self._loaded.processor.video_processor, "cap_pixels_per_frame") else {}),
        )
        grid = made["video_grid_thw"].tolist()
        if any(one[1:] != [height // patch, width // patch] for one in grid):
            raise ModelError(f"the processor made the grid {grid} of a video of {width}x{height}: it resized it.")
        kept = {"input_ids", "pixel_values_videos", "video_grid_thw", "second_per_grid_ts"}
        return {name: torch.as_tensor(value) for name, value in made.items() if name in kept}


def split_beginning(messages: Sequence[Message]) -> tuple[Sequence[Message], str]:
    """The turns before a last one of the assistant's, and its text; all of them and nothing where the last is another's."""
    if messages and messages[-1].role == "assistant":
        return messages[:-1], messages[-1].text
    return messages, ""


class _Builder:
    def __init__(self) -> None:
        self._ids: list[int] = []
        self._keys: list[int] = []
        self._types: list[int] = []
        self._seen: list[Seen] = []

    def text(self, ids: Sequence[int]) -> None:
        self._ids += ids
        self._keys += ids
        self._types += [TEXT] * len(ids)

    def media(
        self,
        part: Picture | Video,
        ids: Sequence[int],
        placeholder: int,
        type_: int,
        key: int,
        inputs: Mapping[str, torch.Tensor] | None = None,
    ) -> None:
        """`ids` may hold other tokens between the placeholders: Qwen3-VL says the time of each frame of a video."""
        start = len(self._ids)
        self._ids += ids
        self._keys += [key if token == placeholder else token for token in ids]
        self._types += [type_ if token == placeholder else TEXT for token in ids]
        self._seen.append(Seen(part, start, len(self._ids), inputs))

    def prompt(self) -> Prompt:
        ids, keys, types = (np.asarray(values, dtype=np.int64) for values in (self._ids, self._keys, self._types))
        return Prompt(ids, keys, types, tuple(self._seen))


def _content_key(pixels: NDArray[np.uint8], more: str = "") -> int:
    """A negative 63-bit number: the same for the same pixels in the same shape."""
    digest = hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=8)
    digest.update(f"{pixels.shape}{more}".encode())
    return -1 - (int.from_bytes(digest.digest(), "big") >> 2)
